// The recording side of the module, in this process, on a lab's PBX: for tests that change what `mitschnitt start` does not
// let anybody change.

import { join } from "node:path";
import type { Lab } from "../../lab/lab.ts";
import { createConditions } from "../../src/core/conditions.ts";
import type { Rule } from "../../src/core/rule.ts";
import { openJournal } from "../../src/journal/journal.ts";
import { callEventNames } from "../../src/pbx/ami-events.ts";
import { createPbxLink } from "../../src/pbx/pbx-link.ts";
import { createRecording, type RecordingParts } from "../../src/recording/recording.ts";
import { openSpool } from "../../src/spool/spool.ts";
import { until } from "./until.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface RecordingSideOptions extends Pick<RecordingParts, "losesRestartedRtp"> {
  readonly rules: readonly Rule[];
}

export async function openRecordingSide(lab: Lab, folder: string, options: RecordingSideOptions) {
  const { rules, ...others } = options;
  const journal = await openJournal(join(folder, "journal.db"));
  const spool = await openSpool(folder);
  const link = createPbxLink();
  const recording = createRecording({
    ...others,
    link,
    db: journal.db,
    spool,
    conditions: createConditions(),
    log,
    settings: () => ({
      pbxId: "pbx",
      timeZone: "Europe/Berlin",
      targetIds: [],
      reserveMiB: 1,
      stuckAfterMs: 600_000,
      rules,
      dialling: { trunks: ["PJSIP/trunk"] },
    }),
    onFinished: () => undefined,
  });
  const { user, secret } = lab.pbx.amiLogin;
  const wantedEvents = callEventNames;
  await link.reconnect({ host: "127.0.0.1", port: lab.amiPort, user, secret, wantedEvents, log });
  await until("it is connected", () => link.state.state === "connected");
  return {
    db: journal.db,
    spool,
    recording,
    recordings: () => journal.db.selectFrom("recordings").selectAll().orderBy("started_at").execute(),
    calls: () => journal.db.selectFrom("calls").selectAll().orderBy("started_at").execute(),
    async stop() {
      await link.stop();
      await recording.stop();
      await journal.close();
    },
  };
}
