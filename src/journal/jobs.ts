// The jobs' way through their states, each step one statement: what is written here is what a restart finds. Who decides
// is core/transfer-job; who calls is the transfer queue (and, for createJobs, whoever finishes a recording).

import { setImmediate as nextTurn } from "node:timers/promises";
import { sql } from "kysely";
import { farthestRetryMs } from "../core/retry-policy.ts";
import { type ActiveJob, type JobError, mostAttemptsInOrder } from "../core/transfer-job.ts";
import { newId } from "./calls.ts";
import type { JournalDb } from "./journal.ts";

export interface ClaimedJob {
  readonly id: string;
  readonly recordingId: string;
  readonly job: ActiveJob;
}

const longestMessage = 1000;
const errorColumns = ({ code, message, hint }: JobError) => ({
  error_code: code,
  error_message: message.slice(0, longestMessage),
  error_hint: hint,
});
const noError = { error_code: null, error_message: null, error_hint: null };

/** One job for each target, once: targets that have one for this recording already keep it. */
export async function createJobs(
  db: JournalDb,
  recordingId: string,
  targetIds: readonly string[],
  now: Date,
): Promise<void> {
  if (targetIds.length === 0) return;
  const { size_bytes } = await db
    .selectFrom("recordings")
    .select("size_bytes")
    .where("id", "=", recordingId)
    .executeTakeFirstOrThrow();
  const rows = targetIds.map((targetId) => ({
    id: newId(),
    recording_id: recordingId,
    target_id: targetId,
    state: "incoming" as const,
    attempts: 0,
    size_bytes: size_bytes ?? 0,
    created_at: now.getTime(),
    next_try_at: now.getTime(),
  }));
  await db
    .insertInto("jobs")
    .values(rows)
    .onConflict((conflict) => conflict.columns(["recording_id", "target_id"]).doNothing())
    .execute();
}

export interface Claim {
  readonly targetId: string;
  readonly now: Date;
  /** Incoming jobs that were created up to here are taken on by the target's schedule; undefined: none yet. */
  readonly newUntil: Date | undefined;
  /** Which kind goes first. Whoever claims alternates, so that neither starves the other. */
  readonly prefer: "incoming" | "deferred";
  readonly limit: number;
}

/** Takes due jobs, the oldest first, and counts the attempt before it begins. */
export function claimDue(db: JournalDb, claim: Claim): Promise<ClaimedJob[]> {
  const { targetId, now, newUntil, prefer, limit } = claim;
  return db.transaction().execute(async (trx) => {
    const claimed: ClaimedJob[] = [];
    for (const state of prefer === "incoming" ? inOrder : inOrder.toReversed()) {
      const until = state === "incoming" ? newUntil : now;
      if (until === undefined || claimed.length >= limit) continue;
      const due = await trx
        .selectFrom("jobs")
        .select(["id", "recording_id", "attempts"])
        .where("target_id", "=", targetId)
        .where("state", "=", state)
        .where("next_try_at", "<=", until.getTime())
        .orderBy("next_try_at")
        .orderBy("created_at")
        .limit(limit - claimed.length)
        .execute();
      for (const { id, recording_id, attempts } of due) {
        const begun = attempts + 1;
        await trx
          .updateTable("jobs")
          .set({ state: "active", attempts: begun })
          .where("id", "=", id)
          .execute();
        claimed.push({ id, recordingId: recording_id, job: { state: "active", attempts: begun } });
      }
    }
    return claimed;
  });
}
const inOrder = ["incoming", "deferred"] as const;

/** The transitions below start from `active` only: a job that an operator touched meanwhile is left as it is. */
const activeJob = (db: JournalDb, jobId: string) =>
  db.updateTable("jobs").where("id", "=", jobId).where("state", "=", "active");

export async function markDone(db: JournalDb, jobId: string, remoteName: string, now: Date): Promise<void> {
  await activeJob(db, jobId)
    .set({ state: "done", remote_name: remoteName, done_at: now.getTime(), ...noError })
    .execute();
}

export async function markDeferred(
  db: JournalDb,
  jobId: string,
  nextTryAt: Date,
  error: JobError,
): Promise<void> {
  await activeJob(db, jobId)
    .set({ state: "deferred", next_try_at: nextTryAt.getTime(), ...errorColumns(error) })
    .execute();
}

export async function markHeld(db: JournalDb, jobId: string, error: JobError): Promise<void> {
  await activeJob(db, jobId)
    .set({ state: "hold", ...errorColumns(error) })
    .execute();
}

/** Stopped in the middle: nothing is known of it, so it is due at once. What failed before stays readable. */
export async function markInterrupted(db: JournalDb, jobId: string, now: Date): Promise<void> {
  await activeJob(db, jobId).set({ state: "deferred", next_try_at: now.getTime() }).execute();
}

/** At the start: whatever is active belongs to a process that is no more. Returns how many there were. */
export async function releaseActive(db: JournalDb, now: Date): Promise<number> {
  const result = await db
    .updateTable("jobs")
    .set({ state: "deferred", next_try_at: now.getTime() })
    .where("state", "=", "active")
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

export interface TargetDeferral {
  readonly targetId: string;
  /** As in Claim: incoming jobs that the schedule has not taken on yet are not touched. */
  readonly newUntil: Date | undefined;
  readonly until: Date;
  readonly error: JobError;
}

/** So many rows are 20 ms; a backlog of 100,000 in one statement would keep the PBX's events waiting for 400 ms. */
const rowsAtOnce = 5000;

/** The target is dead: everything that waits for it waits until then, the jobs with the fewest attempts in front. */
export async function deferAll(
  db: JournalDb,
  { targetId, newUntil, until, error }: TargetDeferral,
): Promise<void> {
  const untilMs = until.getTime();
  const concerned = db
    .selectFrom("jobs")
    .select("id")
    .where("target_id", "=", targetId)
    .where((eb) => {
      const dueBefore = eb.and([eb("state", "=", "deferred"), eb("next_try_at", "<", untilMs)]);
      if (newUntil === undefined) return dueBefore;
      return eb.or([
        dueBefore,
        eb.and([eb("state", "=", "incoming"), eb("next_try_at", "<=", newUntil.getTime())]),
      ]);
    })
    .limit(rowsAtOnce);
  for (;;) {
    const { numUpdatedRows } = await db
      .updateTable("jobs")
      .set({
        state: "deferred",
        next_try_at: sql<number>`${untilMs} + min(attempts, ${mostAttemptsInOrder})`,
        ...errorColumns(error),
      })
      .where("id", "in", concerned)
      .executeTakeFirst();
    if (numUpdatedRows < rowsAtOnce) return;
    await nextTurn();
  }
}

/** Makes deferred jobs due now, of one target or of all; a held one only where it is named. Returns how many. */
export async function retryNow(
  db: JournalDb,
  which: { readonly jobId: string } | { readonly targetId?: string },
  now: Date,
): Promise<number> {
  let query = db.updateTable("jobs").set({ state: "deferred", next_try_at: now.getTime() });
  if ("jobId" in which)
    query = query.where("id", "=", which.jobId).where("state", "in", ["deferred", "hold"]);
  else {
    query = query.where("state", "=", "deferred").where("next_try_at", ">", now.getTime());
    if (which.targetId !== undefined) query = query.where("target_id", "=", which.targetId);
  }
  const result = await query.executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** After the clock was set back: nothing waits for a date that only the wrong clock believed in. */
export async function pullBackFutureTries(db: JournalDb, targetId: string, now: Date): Promise<void> {
  for (const [state, farthestMs] of [
    ["incoming", 3_600_000],
    ["deferred", 2 * farthestRetryMs],
  ] as const)
    await db
      .updateTable("jobs")
      .set({ next_try_at: now.getTime() })
      .where("target_id", "=", targetId)
      .where("state", "=", state)
      .where("next_try_at", ">", now.getTime() + farthestMs)
      .execute();
}
