// The one place that wires: opens the data folder, connects the PBX, the recording side, the delivery and the pages,
// and takes them down in the opposite order.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Logger, pino } from "pino";
import { type Conditions, createConditions } from "./core/conditions.ts";
import { createDelivery } from "./delivery-side.ts";
import type { Environment } from "./environment.ts";
import { lockDataFolder } from "./journal/data-lock.ts";
import { openJournal } from "./journal/journal.ts";
import { createSettingsHistory } from "./journal/settings-history.ts";
import { readManifest } from "./module/manifest.ts";
import { createPbxLink } from "./pbx/pbx-link.ts";
import { connectPbx } from "./pbx-side.ts";
import { createRecording } from "./recording/recording.ts";
import { newControlToken, removeRunFile, writeRunFile } from "./run-file.ts";
import { openSecrets } from "./settings/secrets.ts";
import { openSettings, type SettingsStore } from "./settings/store.ts";
import { watchSettingsFile } from "./settings-watch.ts";
import { openSpool } from "./spool/spool.ts";
import { createStorageSide } from "./storage-side.ts";
import { createTeardown } from "./teardown.ts";
import { servePages } from "./web-side.ts";

export interface RunningModule {
  /** Where the pages are: `http://127.0.0.1:8090`. */
  readonly address: string;
  /** The first password, at the first start only. */
  readonly firstUser: { readonly name: string; readonly password: string } | undefined;
  stop(): Promise<void>;
}

export async function startModule(environment: Environment): Promise<RunningModule> {
  const { dataFolder } = environment;
  const now = (): Date => new Date();
  const log = pino({ level: environment.logLevel, base: null, timestamp: pino.stdTimeFunctions.isoTime });
  const teardown = createTeardown((error) => log.error({ error: String(error) }, "not ended properly"));
  try {
    await mkdir(dataFolder, { recursive: true, mode: 0o750 });
    const lock = lockDataFolder(join(dataFolder, "lock.db"));
    teardown.add(() => lock.release());
    const { db, close } = await openJournal(join(dataFolder, "journal.db"));
    teardown.add(close);
    const conditions = createConditions();
    logConditions(conditions, log);
    const secrets = openSecrets(join(dataFolder, "secrets"));
    const settings = await openSettings(
      join(dataFolder, "settings.json"),
      createSettingsHistory(db, now),
      now,
    );
    teardown.add(watchSettingsFile(join(dataFolder, "settings.json"), settings, conditions, log));
    const spool = await openSpool(dataFolder);

    const delivery = createDelivery({ db, spool, settings, secrets, conditions, log });
    const link = createPbxLink();
    const recording = createRecording({
      link,
      db,
      spool,
      conditions,
      log,
      settings: () => recordingSettings(settings),
      onFinished: () => delivery.wake(),
    });
    teardown.add(() => link.stop());
    teardown.add(() => recording.stop());
    const storage = createStorageSide({ spool, recording, settings: settings.current, conditions, log, now });
    teardown.add(() => storage.stop());
    teardown.add(connectPbx({ link, settings, secrets, conditions, spool, log, now }));
    await delivery.start();
    teardown.add(() => delivery.stop());

    const controlToken = newControlToken();
    const { version } = await readManifest();
    const web = await servePages({
      http: environment.http,
      version,
      controlToken,
      db,
      spool,
      settings,
      secrets,
      conditions,
      link,
      recording,
      storage,
      delivery,
      log,
    });
    teardown.add(() => web.close());
    await writeRunFile(dataFolder, { pid: process.pid, address: web.address, token: controlToken });
    teardown.add(() => removeRunFile(dataFolder));
    log.info({ version, address: web.address, dataFolder }, "Mitschnitt is running");
    return { address: web.address, firstUser: web.firstUser, stop: teardown.run };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

const recordingSettings = (store: SettingsStore) => {
  const { pbx, rules, targets, timeZone, storage } = store.current();
  return {
    pbxId: pbx.id,
    rules,
    dialling: { trunks: pbx.trunks },
    timeZone,
    targetIds: targets.filter((target) => target.enabled).map((target) => target.id),
    reserveMiB: storage.reserveMiB,
    stuckAfterMs: storage.cleanup.stuckAfterMinutes * 60_000,
  };
};

/** One line when something begins to be wrong, one when it is over. */
function logConditions(conditions: Conditions, log: Logger): void {
  conditions.onChange(({ type, condition: { subject, code, message, hint } }) => {
    if (type === "raised") log.error({ subject, code, hint }, message);
    else if (type === "cleared") log.info({ subject, code }, "over: this problem is solved");
  });
}
