// A recording side on a real journal and a real spool, with a stand-in for Asterisk. Another bench on the same folder and
// the same stand-in is the module started again.

import { join } from "node:path";
import { createConditions } from "../../src/core/conditions.ts";
import type { Rule } from "../../src/core/rule.ts";
import { type Journal, openJournal } from "../../src/journal/journal.ts";
import { createCallLog } from "../../src/recording/call-log.ts";
import { createDiskWatch } from "../../src/recording/disk-watch.ts";
import { createFinisher } from "../../src/recording/finisher.ts";
import { createMonitor, type Monitor } from "../../src/recording/monitor.ts";
import { createPerseverance } from "../../src/recording/perseverance.ts";
import { createRecorder } from "../../src/recording/recorder.ts";
import { createRecovery } from "../../src/recording/recovery.ts";
import { createResync } from "../../src/recording/resync.ts";
import { openSpool } from "../../src/spool/spool.ts";
import { dialling, rule } from "../support/replay.ts";
import { createStandIn, type StandInAsterisk } from "./stand-in-asterisk.ts";

export type RecordingBench = Awaited<ReturnType<typeof openBench>>;

export interface BenchOptions {
  readonly rules?: () => readonly Rule[];
  readonly pbxId?: () => string;
  /** Of the bench before: what it records goes on. */
  readonly asterisk?: StandInAsterisk;
  readonly mostWaiting?: number;
  /** 0 unless told otherwise: conversations on the bench take no time. */
  readonly mayBeEmptyBelowMs?: number;
  /** As Asterisk 22 does, unless told otherwise. */
  readonly losesRestartedRtp?: boolean;
}

export async function openBench(folder: string, options: BenchOptions = {}) {
  const journal: Journal = await openJournal(join(folder, "journal.db"));
  const spool = await openSpool(folder);
  const conditions = createConditions();
  const asterisk = options.asterisk ?? createStandIn();
  const log = { info: () => undefined, warn: () => undefined };
  const now = (): Date => new Date();
  const finished: string[] = [];
  const free = { bytes: 1e12 };
  const { db } = journal;
  const perseverance = createPerseverance({ conditions, log, now, firstDelayMs: 5 });
  const finisher = createFinisher({
    db,
    spool,
    perseverance,
    log,
    now,
    timeZone: () => "Europe/Berlin",
    targetIds: () => ["nas"],
    onFinished: (id) => finished.push(id),
    patience: { openingMs: 30, closingMs: 150 },
  });
  const diskWatch = createDiskWatch({
    spool: { freeBytes: async () => free.bytes },
    conditions,
    now,
    reserveMiB: () => 64,
  });
  const recorder = createRecorder({
    db,
    spool,
    actions: asterisk,
    finisher,
    diskWatch,
    mayBeEmptyBelowMs: options.mayBeEmptyBelowMs ?? 0,
    losesRestartedRtp: () => options.losesRestartedRtp ?? true,
    log,
    now,
  });
  const recovery = createRecovery({ db, monitor: () => monitor, recorder, finisher, perseverance, log, now });
  const monitor: Monitor = createMonitor({
    recorder,
    callLog: createCallLog({ db, perseverance, pbxId: options.pbxId ?? (() => "pbx"), now }),
    log,
    rules: () => ({ rules: options.rules?.() ?? [rule()], dialling }),
    recovered: recovery.doneWith,
    isOnHold: asterisk.isOnHold,
    now,
  });
  const resync = createResync({
    db,
    snapshot: asterisk.snapshot,
    monitor,
    recorder,
    recovery,
    perseverance,
    conditions,
    log,
    now,
    askAgainAfterMs: 5,
    ...(options.mostWaiting === undefined ? {} : { mostWaiting: options.mostWaiting }),
  });
  return {
    journal,
    spool,
    conditions,
    asterisk,
    monitor,
    recorder,
    recovery,
    resync,
    perseverance,
    finished,
    free,
    diskWatch,
    calls: () => db.selectFrom("calls").selectAll().execute(),
    recordings: () => db.selectFrom("recordings").selectAll().execute(),
    jobs: () => db.selectFrom("jobs").selectAll().execute(),
    /** Everything that ended so far is finished and has its outcome. */
    settled: async () => {
      await recovery.done();
      await monitor.settled();
      await recovery.done();
    },
    /** As a kill -9 does: nothing is waited for. */
    close: async () => {
      perseverance.stop();
      await journal.close();
    },
  };
}
