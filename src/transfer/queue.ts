// The transfer queue: takes each finished recording to its targets, at once or by schedule, until the target has it and
// the journal says so. Its whole state is in the journal; one lane for each target does the work. Local files stay where
// they are: they are the business of retention.

import { isRunDue } from "../core/schedule.ts";
import { pullBackFutureTries, releaseActive, retryNow } from "../journal/jobs.ts";
import type { JournalDb } from "../journal/journal.ts";
import { noteRun, runHistory } from "../journal/target-runs.ts";
import { createChangeSignal } from "./change-signal.ts";
import type { QueueTarget } from "./create-targets.ts";
import { messageOf } from "./failures.ts";
import { createLane, endOfTime, type Lane, type TransferLog } from "./lane.ts";
import { everyMinute } from "./minute-tick.ts";
import type { OutgoingFiles } from "./outgoing-files.ts";
import { createQueueStatus, type TargetStatus } from "./queue-status.ts";
import { createTargetConditions, type RaisedConditions } from "./target-conditions.ts";

export interface TransferQueueParts {
  readonly db: JournalDb;
  /** As the settings say now. A target whose object is another one than before is tried at once. */
  readonly targets: () => readonly QueueTarget[];
  readonly files: OutgoingFiles;
  /** Of daily schedules; checked where it was entered. */
  readonly timeZone: () => string;
  readonly log: TransferLog;
  readonly clock: { now(): Date };
  readonly conditions?: RaisedConditions;
  /** After the journal knows of the delivery. Called again for a delivery that was not known before a crash. */
  readonly onDelivered?: (recordingId: string, targetId: string) => void | Promise<void>;
  readonly random?: () => number;
  /** Calls what it is given once a minute; returns what ends that. */
  readonly ticks?: (tick: () => Promise<void>) => () => void;
  /** An attempt that does not move for so long is aborted. */
  readonly stallMs?: number;
  /** How long an aborted attempt may take to end. */
  readonly graceMs?: number;
}

export interface TransferQueue {
  start(): Promise<void>;
  /** Interrupts what is under way; returns when the journal has it as deferred. Nothing is begun afterwards. */
  stop(): Promise<void>;
  /** There may be new jobs, or other settings. */
  wake(): void;
  /** Sends what waits, of one target or of all, whatever the schedule and earlier failures say. */
  runNow(targetId?: string): Promise<void>;
  /** Tries a deferred or held job again. False where there is no such job. */
  retry(jobId: string): Promise<boolean>;
  status(): Promise<readonly TargetStatus[]>;
  /** Jobs began or ended; at most four times a second. The returned function takes the listener away. */
  onChange(listener: () => void): () => void;
}

export function createTransferQueue(parts: TransferQueueParts): TransferQueue {
  const { db, targets, clock, log, timeZone, ticks = everyMinute } = parts;
  const lanes = new Map<string, Lane>();
  const changes = createChangeSignal(250);
  const conditions = createTargetConditions({ db, clock, conditions: parts.conditions });
  const status = createQueueStatus({ db, targets, clock, timeZone, lanes });
  let state: "new" | "running" | "stopped" = "new";
  let endTicks = (): void => undefined;
  let refreshing: Promise<void> | undefined;
  let refreshAgain = false;

  const laneOf = ({ id: targetId }: QueueTarget): Lane => {
    const known = lanes.get(targetId);
    if (known !== undefined) return known;
    const lane = createLane({
      targetId,
      db,
      clock,
      log,
      files: parts.files,
      random: parts.random ?? Math.random,
      stallMs: parts.stallMs ?? 60_000,
      graceMs: parts.graceMs ?? 5_000,
      onDelivered: (recordingId) => parts.onDelivered?.(recordingId, targetId),
      onChange: changes.tell,
      onOutage: (error) => conditions.targetFails(targetId, nameOf(targetId), error),
      onRecovery: () => conditions.targetWorks(targetId),
      onHold: wake,
    });
    lanes.set(targetId, lane);
    return lane;
  };
  const nameOf = (targetId: string): string => targets().find(({ id }) => id === targetId)?.name ?? targetId;

  /** Up to when the target's incoming jobs are taken on; notes the run that is due now. */
  const takenOnUntil = async ({ id, schedule }: QueueTarget): Promise<Date | undefined> => {
    const now = clock.now();
    const history = await runHistory(db, id, now);
    if (schedule.kind === "at-once") return endOfTime;
    if (!isRunDue(schedule, history, now, timeZone())) return history.lastRunAt;
    await noteRun(db, id, now);
    log.info({ targetId: id, schedule: schedule.kind }, "scheduled delivery begins");
    return now;
  };

  const refreshTarget = async (target: QueueTarget): Promise<void> => {
    const lane = laneOf(target);
    if (!target.enabled) return lane.pause();
    const now = clock.now();
    await pullBackFutureTries(db, target.id, now);
    if (lane.isAnother(target)) await retryNow(db, { targetId: target.id }, now);
    const newUntil = await takenOnUntil(target);
    if (state === "running") lane.serve(target, newUntil);
  };

  const refreshOnce = async (): Promise<void> => {
    const current = targets();
    for (const [id, lane] of lanes) if (!current.some((target) => target.id === id)) lane.pause();
    for (const target of current) {
      try {
        await refreshTarget(target);
      } catch (error) {
        log.error({ targetId: target.id, error: messageOf(error) }, "delivery to this target not begun");
      }
    }
    await conditions.refresh(current);
  };

  const refresh = async (): Promise<void> => {
    do {
      refreshAgain = false;
      await refreshOnce();
    } while (refreshAgain && state === "running");
  };

  /** One at a time; asked meanwhile, it is done once more. */
  const refreshed = (): Promise<void> => {
    if (state !== "running") return Promise.resolve();
    refreshAgain = true;
    refreshing ??= refresh()
      .catch((error) => log.error({ error: messageOf(error) }, "transfer queue not refreshed"))
      .finally(() => {
        refreshing = undefined;
        if (refreshAgain) wake();
      });
    return refreshing;
  };

  function wake(): void {
    void refreshed();
  }

  return {
    async start() {
      const released = await releaseActive(db, clock.now());
      if (released > 0) log.info({ jobs: released }, "transfers that were cut off are tried again");
      state = "running";
      await refreshed();
      endTicks = ticks(refreshed);
    },
    async stop() {
      state = "stopped";
      endTicks();
      await refreshing;
      await Promise.all([...lanes.values()].map((lane) => lane.stop()));
      changes.end();
    },
    wake,
    async runNow(targetId) {
      const now = clock.now();
      for (const target of targets()) {
        if (!target.enabled || (targetId !== undefined && target.id !== targetId)) continue;
        await retryNow(db, { targetId: target.id }, now);
        if (target.schedule.kind !== "at-once") await noteRun(db, target.id, now);
        lanes.get(target.id)?.retry();
      }
      await refreshed();
    },
    async retry(jobId) {
      const retried = await retryNow(db, { jobId }, clock.now());
      await refreshed();
      return retried > 0;
    },
    status,
    onChange: changes.listen,
  };
}
