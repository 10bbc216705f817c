// When the schedule of each target last ran: read at every tick of the queue, so that a restart catches up what it slept
// through and a run that was cut short goes on where it was.

import type { RunHistory } from "../core/schedule.ts";
import type { JournalDb } from "./journal.ts";

/** What is known of the target's runs; a target that is seen for the first time is watched from now on. */
export async function runHistory(db: JournalDb, targetId: string, now: Date): Promise<RunHistory> {
  const row = await db
    .selectFrom("target_runs")
    .selectAll()
    .where("target_id", "=", targetId)
    .executeTakeFirst();
  if (row !== undefined)
    return {
      watchedSince: new Date(row.watched_since),
      lastRunAt: row.last_run_at === null ? undefined : new Date(row.last_run_at),
    };
  await db.insertInto("target_runs").values({ target_id: targetId, watched_since: now.getTime() }).execute();
  return { watchedSince: now, lastRunAt: undefined };
}

export async function noteRun(db: JournalDb, targetId: string, now: Date): Promise<void> {
  await db
    .insertInto("target_runs")
    .values({ target_id: targetId, watched_since: now.getTime(), last_run_at: now.getTime() })
    .onConflict((conflict) => conflict.column("target_id").doUpdateSet({ last_run_at: now.getTime() }))
    .execute();
}
