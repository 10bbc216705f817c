// A recording side on a real journal and a real spool, with a stand-in for Asterisk that writes the files MixMonitor
// would write, and that can refuse, break off or leave a header open, which the real one does not do when asked.

import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createConditions } from "../../src/core/conditions.ts";
import { PbxError } from "../../src/core/errors.ts";
import type { Rule } from "../../src/core/rule.ts";
import { type Journal, openJournal } from "../../src/journal/journal.ts";
import type { MixMonitorRequest } from "../../src/pbx/ami-actions.ts";
import { createCallLog } from "../../src/recording/call-log.ts";
import { createDiskWatch } from "../../src/recording/disk-watch.ts";
import { createFinisher } from "../../src/recording/finisher.ts";
import { createMonitor } from "../../src/recording/monitor.ts";
import { createPerseverance } from "../../src/recording/perseverance.ts";
import { createRecorder } from "../../src/recording/recorder.ts";
import { createResync } from "../../src/recording/resync.ts";
import { openSpool } from "../../src/spool/spool.ts";
import { dialling, rule } from "../support/replay.ts";
import { wavBytes } from "../support/wav.ts";

export type RecordingBench = Awaited<ReturnType<typeof openBench>>;

export async function openBench(folder: string, options: { readonly rules?: () => readonly Rule[] } = {}) {
  const journal: Journal = await openJournal(join(folder, "journal.db"));
  const spool = await openSpool(folder);
  const conditions = createConditions();
  const asterisk = createStandIn();
  const log = { info: () => undefined, warn: () => undefined };
  const now = (): Date => new Date();
  const pbxId = (): string => "pbx";
  const finished: string[] = [];
  const free = { bytes: 1e12 };
  const perseverance = createPerseverance({ conditions, log, now, firstDelayMs: 5 });
  const finisher = createFinisher({
    db: journal.db,
    spool,
    perseverance,
    log,
    now,
    timeZone: () => "Europe/Berlin",
    targetIds: () => ["nas"],
    onFinished: (id) => finished.push(id),
  });
  const diskWatch = createDiskWatch({
    spool: { freeBytes: async () => free.bytes },
    conditions,
    now,
    reserveMiB: () => 64,
  });
  const recorder = createRecorder({
    db: journal.db,
    spool,
    actions: asterisk,
    finisher,
    diskWatch,
    log,
    now,
    pbxId,
  });
  const monitor = createMonitor({
    recorder,
    callLog: createCallLog(journal.db, perseverance, pbxId),
    log,
    rules: () => ({ rules: options.rules?.() ?? [rule()], dialling }),
  });
  const resync = createResync({
    db: journal.db,
    actions: asterisk,
    monitor,
    recorder,
    finisher,
    perseverance,
    log,
    now,
    pbxId,
  });
  return {
    journal,
    spool,
    conditions,
    asterisk,
    monitor,
    recorder,
    resync,
    finished,
    free,
    diskWatch,
    calls: () => journal.db.selectFrom("calls").selectAll().execute(),
    recordings: () => journal.db.selectFrom("recordings").selectAll().execute(),
    jobs: () => journal.db.selectFrom("jobs").selectAll().execute(),
    close: async () => {
      perseverance.stop();
      await journal.close();
    },
  };
}

type SnapshotEvent = Awaited<ReturnType<Parameters<typeof createResync>[0]["actions"]["snapshot"]>>;

function createStandIn() {
  const running = new Map<string, string>();
  const state = {
    /** What happened, in order: `start channel`, `append channel`, `stop channel`. */
    done: [] as string[],
    /** The next MixMonitor is answered with this. */
    refusal: undefined as PbxError | undefined,
    /** Called before a MixMonitor is answered. */
    onStart: async (_file: string): Promise<void> => undefined,
    /** Asterisk is killed instead of closing its files: headers stay open. */
    leavesHeadersOpen: false,
    snapshotChannels: [] as SnapshotEvent["channels"],
  };
  const close = (channel: string): void => {
    const file = running.get(channel);
    running.delete(channel);
    if (file === undefined || state.leavesHeadersOpen || !existsSync(file)) return;
    const samples = (readFileSync(file).length - 44) / 2;
    writeFileSync(file, wavBytes({ durationMs: samples / 8 }));
  };
  return Object.assign(state, {
    async mixMonitor({ channel, file, append = false }: MixMonitorRequest) {
      await state.onStart(file);
      if (state.refusal !== undefined) {
        const refusal = state.refusal;
        state.refusal = undefined;
        throw refusal;
      }
      state.done.push(`${append ? "append" : "start"} ${channel}`);
      running.set(channel, file);
      if (append) appendFileSync(file, Buffer.alloc(1600, 1));
      else writeFileSync(file, wavBytes({ durationMs: 1000, closed: false }));
      return { mixMonitorId: "0x1" };
    },
    async stopMixMonitor({ channel }: { readonly channel: string }) {
      state.done.push(`stop ${channel}`);
      close(channel);
    },
    getVar: async ({ channel = "" }: { readonly channel?: string }) => (running.has(channel) ? "0x1" : ""),
    async snapshot(): Promise<SnapshotEvent> {
      return { type: "Snapshot", at: new Date(), channels: state.snapshotChannels };
    },
    /** The channel is hung up: Asterisk closes its file before it says so. */
    hangUp: close,
    running,
  });
}

export const refused = (code: string): PbxError => new PbxError(code, { code, hint: "" });
