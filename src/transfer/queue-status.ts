// What pages, API and command line tell of delivery: for each target how much waits, since when and why, what is under
// way, when it goes on.

import { nextRunAt } from "../core/schedule.ts";
import type { JobError } from "../core/transfer-job.ts";
import {
  countDone,
  lastErrorOf,
  nothingWaiting,
  type WaitingJobs,
  waitingJobs,
} from "../journal/job-lists.ts";
import type { JournalDb } from "../journal/journal.ts";
import { runHistory } from "../journal/target-runs.ts";
import type { QueueTarget } from "./create-targets.ts";
import type { JobUnderWay, Lane } from "./lane.ts";

export interface TargetStatus {
  readonly targetId: string;
  readonly targetName: string;
  /** `folder`, `ftp`; `removed` for one that is not in the settings any more but still has jobs. */
  readonly kind: string;
  readonly enabled: boolean;
  readonly state: "idle" | "running" | "unreachable";
  readonly counts: WaitingJobs["counts"];
  /** Neither done nor held. */
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly onHold: number;
  readonly done: number;
  readonly oldestWaitingSince: Date | undefined;
  /** The next scheduled run, or the next try at a target that is down; undefined where nothing is planned. */
  readonly nextRunAt: Date | undefined;
  readonly lastError: JobError | undefined;
  readonly underWay: readonly JobUnderWay[];
}

export interface QueueStatusParts {
  readonly db: JournalDb;
  readonly targets: () => readonly QueueTarget[];
  readonly clock: { now(): Date };
  readonly timeZone: () => string;
  readonly lanes: ReadonlyMap<string, Lane>;
}

export function createQueueStatus(parts: QueueStatusParts): () => Promise<readonly TargetStatus[]> {
  const { db, targets, lanes } = parts;
  /** Delivered before this start, by target: read once, because it means reading every job there ever was. */
  const doneBefore = new Map<string, number>();

  const doneOf = async (targetId: string): Promise<number> => {
    const since = lanes.get(targetId)?.delivered() ?? 0;
    const before = doneBefore.get(targetId);
    if (before !== undefined) return before + since;
    const done = await countDone(db, targetId);
    // Deliveries between the two looks are in one of them; what ends in this very moment may be shown once too often.
    doneBefore.set(targetId, done - since);
    return done;
  };

  const common = async (targetId: string, { counts, bytes, oldestSince }: WaitingJobs) => ({
    targetId,
    counts,
    waiting: counts.incoming + counts.active + counts.deferred,
    waitingBytes: bytes,
    onHold: counts.hold,
    done: await doneOf(targetId),
    oldestWaitingSince: oldestSince,
    lastError: (await lastErrorOf(db, targetId, "deferred")) ?? (await lastErrorOf(db, targetId, "hold")),
  });

  const ofTarget = async (target: QueueTarget, waiting: WaitingJobs): Promise<TargetStatus> => {
    const lane = lanes.get(target.id);
    const outage = lane?.outage();
    const underWay = lane?.underWay() ?? [];
    return {
      ...(await common(target.id, waiting)),
      targetName: target.name,
      kind: target.target.kind,
      enabled: target.enabled,
      state: outage !== undefined ? "unreachable" : underWay.length > 0 ? "running" : "idle",
      nextRunAt: target.enabled ? (outage?.until ?? (await nextRunOf(target))) : undefined,
      underWay,
    };
  };

  const nextRunOf = async ({ id, schedule }: QueueTarget): Promise<Date | undefined> => {
    if (schedule.kind === "at-once") return undefined;
    const now = parts.clock.now();
    return nextRunAt(schedule, await runHistory(db, id, now), now, parts.timeZone());
  };

  const ofRemoved = async (targetId: string, waiting: WaitingJobs): Promise<TargetStatus> => ({
    ...(await common(targetId, waiting)),
    targetName: targetId,
    kind: "removed",
    enabled: false,
    state: "idle",
    nextRunAt: undefined,
    underWay: [],
  });

  return async () => {
    const waiting = await waitingJobs(db);
    const current = targets();
    const known = current.map((target) => ofTarget(target, waiting.get(target.id) ?? nothingWaiting));
    const removed = [...waiting]
      .filter(([targetId]) => !current.some(({ id }) => id === targetId))
      .map(([targetId, jobs]) => ofRemoved(targetId, jobs));
    return Promise.all([...known, ...removed]);
  };
}
