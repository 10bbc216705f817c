// The recording side as a whole: hangs the monitor, the recorder and their watches on the link to the PBX. What it
// needs to know of the settings it asks for each time, so that a change counts from the next call on.

import type { CleanupReport, CleanupRequest } from "../core/cleanup.ts";
import type { Conditions } from "../core/conditions.ts";
import type { LiveCall } from "../core/live-call.ts";
import type { JournalDb } from "../journal/journal.ts";
import { createAmiActions } from "../pbx/ami-actions.ts";
import type { AmiState } from "../pbx/ami-connection.ts";
import { createCallEventReader } from "../pbx/ami-events.ts";
import { losesRestartedRtp } from "../pbx/asterisk-version.ts";
import { takeSnapshot } from "../pbx/channel-snapshot.ts";
import { type Clock, systemClock } from "../pbx/clock.ts";
import type { PbxLink } from "../pbx/pbx-link.ts";
import type { Spool } from "../spool/spool.ts";
import type { RecordingRules } from "./call-file.ts";
import { createCallLog } from "./call-log.ts";
import { createCleanup } from "./cleanup.ts";
import { createDiskWatch } from "./disk-watch.ts";
import { createFinisher } from "./finisher.ts";
import { createGrowthWatch } from "./growth-watch.ts";
import { lookEvery } from "./look-every.ts";
import { createMonitor, type Monitor } from "./monitor.ts";
import { createPerseverance } from "./perseverance.ts";
import { createRecorder } from "./recorder.ts";
import type { RecordingLog } from "./recording-log.ts";
import { createRecovery } from "./recovery.ts";
import { createResync } from "./resync.ts";
import { createStrayFiles } from "./stray-files.ts";

export interface Recording {
  liveCalls(): readonly LiveCall[];
  onChange(listener: () => void): void;
  /** Ends recordings that no live call owns, or all; throws a PbxError where the PBX cannot be asked. */
  cleanup(request: CleanupRequest): Promise<CleanupReport>;
  /** Resolves when every call that has ended so far is finished and has its outcome. */
  settled(): Promise<void>;
  /** Lets recordings go on in the PBX; the next start takes them over. Waits a moment for what is being finished. */
  stop(): Promise<void>;
}

export interface RecordingParts {
  readonly link: PbxLink;
  readonly db: JournalDb;
  readonly spool: Spool;
  readonly conditions: Conditions;
  readonly log: RecordingLog;
  readonly clock?: Clock;
  readonly settings: () => RecordingSettings;
  readonly onFinished: (recordingId: string) => void;
  /** Which versions of Asterisk need their recordings taken up anew; asterisk-version knows. */
  readonly losesRestartedRtp?: (version: string) => boolean;
}

export interface RecordingSettings extends RecordingRules {
  readonly pbxId: string;
  readonly timeZone: string;
  readonly targetIds: readonly string[];
  readonly reserveMiB: number;
  /** From when on a recording that nobody talks into, or that does not grow, belongs to no live call. */
  readonly stuckAfterMs: number;
}

const diskEveryMs = 2000;
const strayFilesEveryMs = 60_000;
const stopWithinMs = 10_000;

export function createRecording(parts: RecordingParts): Recording {
  const { link, db, spool, conditions, log, clock = systemClock, settings } = parts;
  const now = (): Date => clock.now();
  const pbxId = (): string => settings().pbxId;
  const actions = createAmiActions(link);
  const perseverance = createPerseverance({ conditions, log, now });
  const diskWatch = createDiskWatch({ spool, conditions, now, reserveMiB: () => settings().reserveMiB });
  const growthWatch = createGrowthWatch({ spool, conditions, now });
  const strayFiles = createStrayFiles({ db, spool, conditions, now });
  const finisher = createFinisher({
    db,
    spool,
    perseverance,
    log,
    now,
    timeZone: () => settings().timeZone,
    targetIds: () => settings().targetIds,
    onFinished: parts.onFinished,
  });
  const recorder = createRecorder({
    db,
    spool,
    actions,
    finisher,
    diskWatch,
    losesRestartedRtp: () => (parts.losesRestartedRtp ?? losesRestartedRtp)(versionOf(link.state)),
    log,
    now,
  });
  const callLog = createCallLog({ db, perseverance, pbxId, now });
  const recovery = createRecovery({
    db,
    monitor: () => monitor,
    recorder,
    finisher,
    perseverance,
    log,
    now,
  });
  const monitor: Monitor = createMonitor({
    recorder,
    callLog,
    log,
    rules: settings,
    recovered: recovery.doneWith,
    isOnHold: actions.isOnHold,
    now,
  });
  const resync = createResync({
    db,
    snapshot: () => takeSnapshot(actions, clock),
    monitor,
    recorder,
    recovery,
    perseverance,
    conditions,
    log,
    now,
  });

  const cleanup = createCleanup({
    db,
    actions,
    recorder,
    growthWatch,
    diskWatch,
    perseverance,
    log,
    now,
    stuckAfterMs: () => settings().stuckAfterMs,
  });

  const reader = createCallEventReader({ log, clock });
  const releases = [
    link.onEvent((event) => {
      const callEvent = reader.read(event);
      if (callEvent !== undefined) resync.onEvent(callEvent);
    }),
    link.onState((state: AmiState) => {
      if (state.state === "connected") void resync.onConnected();
      else resync.onDisconnected();
    }),
  ];

  const failed = (error: unknown): void =>
    log.warn({ error: String(error) }, "the spool could not be looked at");
  /** What stands still was written a last time when it was stopped. */
  const measureResting = async (): Promise<void> => {
    for (const { recordingId, capture } of recorder.survey())
      if (capture.state !== "running") await spool.sizeOf(spool.openPath(recordingId));
  };
  const lookAtDisk = () =>
    Promise.all([diskWatch.check(), growthWatch.check(recorder.running()), measureResting()]);
  const looks = [
    lookEvery(diskEveryMs, lookAtDisk, failed),
    lookEvery(strayFilesEveryMs, strayFiles.check, failed),
  ];

  return {
    liveCalls: monitor.liveCalls,
    onChange: monitor.onChange,
    cleanup: cleanup.run,
    async settled() {
      await recovery.done();
      await monitor.settled();
    },
    async stop() {
      for (const release of releases) release();
      resync.onDisconnected();
      await Promise.race([
        Promise.all([monitor.settled(), ...looks.map((end) => end())]),
        new Promise((resolve) => setTimeout(resolve, stopWithinMs).unref()),
      ]);
      perseverance.stop();
    },
  };
}

const versionOf = (state: AmiState): string => (state.state === "connected" ? state.asteriskVersion : "");
