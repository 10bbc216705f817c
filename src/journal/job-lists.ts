// What pages, status and conditions want to know of jobs: counts and sums from an index alone, lists page by page.

import { sql } from "kysely";
import type { JobError, JobState, TransferJob } from "../core/transfer-job.ts";
import type { JournalDb } from "./journal.ts";
import type { JobsTable } from "./tables.ts";

/** Jobs of one target that are not done. */
export interface WaitingJobs {
  readonly counts: Readonly<Record<Exclude<JobState, "done">, number>>;
  /** Bytes of everything that is neither done nor held. */
  readonly bytes: number;
  readonly oldestSince: Date | undefined;
}

export const nothingWaiting: WaitingJobs = {
  counts: { incoming: 0, active: 0, deferred: 0, hold: 0 },
  bytes: 0,
  oldestSince: undefined,
};

/** Written into the query, not bound: SQLite uses a partial index only where it can see that the condition is the same. */
const delivered = sql.lit<JobState>("done");

const earlier = (a: Date | undefined, b: Date): Date => (a === undefined || b < a ? b : a);

/** By target id; targets without waiting jobs are missing. */
export async function waitingJobs(db: JournalDb): Promise<Map<string, WaitingJobs>> {
  const rows = await db
    .selectFrom("jobs")
    .select((eb) => [
      "target_id",
      "state",
      eb.fn.countAll<number>().as("jobs"),
      eb.fn.sum<number>("size_bytes").as("bytes"),
      eb.fn.min("created_at").as("oldest"),
    ])
    .where("state", "<>", delivered)
    .groupBy(["target_id", "state"])
    .execute();
  const byTarget = new Map<string, WaitingJobs>();
  for (const { target_id, state, jobs, bytes, oldest } of rows) {
    if (state === "done") continue;
    const sums = byTarget.get(target_id) ?? nothingWaiting;
    const held = state === "hold";
    byTarget.set(target_id, {
      counts: { ...sums.counts, [state]: jobs },
      bytes: held ? sums.bytes : sums.bytes + bytes,
      oldestSince: held ? sums.oldestSince : earlier(sums.oldestSince, new Date(oldest)),
    });
  }
  return byTarget;
}

/** Reads every delivered job of the target: asked once at the start, counted on from there. */
export async function countDone(db: JournalDb, targetId: string): Promise<number> {
  const { done } = await db
    .selectFrom("jobs")
    .select((eb) => eb.fn.countAll<number>().as("done"))
    .where("target_id", "=", targetId)
    .where("state", "=", "done")
    .executeTakeFirstOrThrow();
  return done;
}

/** Why the job that comes next, or else a held one, is still here. */
export async function lastErrorOf(
  db: JournalDb,
  targetId: string,
  state: "deferred" | "hold",
): Promise<JobError | undefined> {
  const row = await db
    .selectFrom("jobs")
    .select(["error_code", "error_message", "error_hint"])
    .where("target_id", "=", targetId)
    .where("state", "=", state)
    .where("error_code", "is not", null)
    .orderBy("next_try_at")
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : toError(row);
}

export interface ListedJob {
  readonly id: string;
  readonly recordingId: string;
  readonly targetId: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly createdAt: Date;
  readonly job: TransferJob;
}

/** Where a page ended; the next one begins behind it. */
export interface JobCursor {
  readonly createdAt: Date;
  readonly id: string;
}

export interface JobQuery {
  readonly targetId?: string;
  readonly state?: JobState;
  readonly after?: JobCursor;
  /** At most 500. */
  readonly limit: number;
}

/** The newest first. */
export async function listJobs(
  db: JournalDb,
  { targetId, state, after, limit }: JobQuery,
): Promise<{ readonly jobs: readonly ListedJob[]; readonly next: JobCursor | undefined }> {
  const pageSize = Math.min(Math.max(limit, 1), 500);
  let query = db
    .selectFrom("jobs")
    .innerJoin("recordings", "recordings.id", "jobs.recording_id")
    .selectAll("jobs")
    .select("recordings.file_name")
    .orderBy("jobs.created_at", "desc")
    .orderBy("jobs.id", "desc")
    .limit(pageSize + 1);
  if (targetId !== undefined) query = query.where("jobs.target_id", "=", targetId);
  if (state !== undefined) query = query.where("jobs.state", "=", state);
  if (after !== undefined)
    query = query.where((eb) =>
      eb(eb.refTuple("jobs.created_at", "jobs.id"), "<", eb.tuple(after.createdAt.getTime(), after.id)),
    );
  const rows = await query.execute();
  const jobs = rows.slice(0, pageSize).map((row) => ({
    id: row.id,
    recordingId: row.recording_id,
    targetId: row.target_id,
    fileName: row.file_name ?? "",
    sizeBytes: row.size_bytes,
    createdAt: new Date(row.created_at),
    job: toJob(row),
  }));
  const last = rows.length > pageSize ? jobs.at(-1) : undefined;
  return { jobs, next: last === undefined ? undefined : { createdAt: last.createdAt, id: last.id } };
}

type ErrorColumns = Pick<JobsTable, "error_code" | "error_message" | "error_hint">;

const toError = ({ error_code, error_message, error_hint }: ErrorColumns): JobError | undefined =>
  error_code === null
    ? undefined
    : { code: error_code, message: error_message ?? "", hint: error_hint ?? "" };

const unknownError: JobError = { code: "unknown", message: "", hint: "" };

function toJob(row: JobsTable): TransferJob {
  const { state, attempts } = row;
  switch (state) {
    case "incoming":
    case "active":
      return { state, attempts };
    case "deferred":
      return { state, attempts, nextTryAt: new Date(row.next_try_at), lastError: toError(row) };
    case "hold":
      return { state, attempts, lastError: toError(row) ?? unknownError };
    case "done":
      return { state, attempts, remoteName: row.remote_name ?? "", doneAt: new Date(row.done_at ?? 0) };
  }
}
