// Keeps the link connected to the PBX that the settings name, and tells when it is not.

import type { Conditions } from "./core/conditions.ts";
import type { AmiConnectionOptions, AmiState } from "./pbx/ami-connection.ts";
import { callEventNames } from "./pbx/ami-events.ts";
import type { PbxLog } from "./pbx/bounded-warning.ts";
import { systemClock } from "./pbx/clock.ts";
import type { PbxLink } from "./pbx/pbx-link.ts";
import { createTamperingWatch } from "./pbx/tampering-watch.ts";
import { amiSecretName, type Secrets } from "./settings/secrets.ts";
import type { SettingsStore } from "./settings/store.ts";
import type { Spool } from "./spool/spool.ts";

export interface PbxSideParts {
  readonly link: Pick<PbxLink, "reconnect" | "onState">;
  readonly settings: Pick<SettingsStore, "current" | "onChange">;
  readonly secrets: Pick<Secrets, "get">;
  readonly conditions: Conditions;
  readonly spool: Pick<Spool, "openFolder">;
  readonly log: PbxLog;
  readonly now: () => Date;
}

const subject = "pbx";

const notSetUp = {
  code: "pbx-not-set-up",
  message: "no PBX is set up: there is no AMI secret",
  hint: "Run `mitschnitt install` on the PBX, or enter its address, user and secret on the page PBX.",
};

/** Returns the function that lets go of the settings; it resolves when the link is no longer being changed. */
export function connectPbx({
  link,
  settings,
  secrets,
  conditions,
  spool,
  log,
  now,
}: PbxSideParts): () => Promise<void> {
  const options = (): AmiConnectionOptions | undefined => {
    const { host, port, user, tls } = settings.current().pbx;
    const secret = secrets.get(amiSecretName);
    if (secret === undefined || secret === "") return undefined;
    return {
      host,
      port,
      user,
      secret,
      ...(tls ? { tls: {} } : {}),
      wantedEvents: callEventNames,
      onTampering: tampering.noticed,
      log,
    };
  };
  const tampering = createTamperingWatch({ conditions, clock: { ...systemClock, now } });
  let inUse = "";
  let changing: Promise<void> = Promise.resolve();

  const follow = (): void => {
    const wanted = options();
    const { log: _, wantedEvents: __, ...identity } = wanted ?? { log, wantedEvents: callEventNames };
    const key = JSON.stringify(identity);
    if (key === inUse) return;
    inUse = key;
    if (wanted === undefined) conditions.raise(subject, notSetUp, now());
    // One after the other: of two at once, the slower would leave a second connection behind.
    changing = changing
      .then(() => link.reconnect(wanted))
      .catch((error: unknown) => log.warn({ err: error }, "PBX connection not changed"));
  };

  const tell = (state: AmiState): void => {
    if (state.state === "connected") conditions.clear(subject);
    else if (state.state === "waiting") {
      conditions.raise(subject, state.error, now());
      // The secret may have been exchanged meanwhile, by a new installation.
      follow();
    }
  };

  // MixMonitor takes only plain paths: a comma or a blank in one would begin its options.
  if (!/^(\/[A-Za-z0-9_.-]+)+$/.test(spool.openFolder))
    conditions.raise(
      "data-folder",
      {
        code: "data-folder-name",
        message: `${spool.openFolder}: expected a path of A–Z, a–z, 0–9 and / _ . - only; Asterisk cannot record there`,
        hint: "Move the data folder and set MITSCHNITT_DATA to its new place.",
      },
      now(),
    );

  const releases = [link.onState(tell), settings.onChange(follow), tampering.stop];
  follow();
  return async () => {
    for (const release of releases) release();
    await changing;
  };
}
