// Reading recordings and their deliveries for pages, by the random ids of calls and recordings; never by a path.

import type { JournalDb } from "./journal.ts";
import type { JobsTable, RecordingsTable } from "./tables.ts";

export type RecordingRow = Readonly<RecordingsTable>;
export type DeliveryRow = Readonly<JobsTable>;

/** Ids are 128 random bits in hex; nothing else is looked up. */
export const isJournalId = (text: unknown): text is string =>
  typeof text === "string" && /^[0-9a-f]{32}$/.test(text);

/** The recordings of some calls (of one page: at most a few hundred), in the order in which they began. */
export async function recordingsOfCalls(
  db: JournalDb,
  callIds: readonly string[],
): Promise<ReadonlyMap<string, readonly RecordingRow[]>> {
  const byCall = new Map<string, RecordingRow[]>();
  if (callIds.length === 0) return byCall;
  const rows = await db
    .selectFrom("recordings")
    .selectAll()
    .where("call_id", "in", callIds)
    .orderBy("started_at")
    .orderBy("id")
    .execute();
  for (const row of rows) {
    const list = byCall.get(row.call_id);
    if (list === undefined) byCall.set(row.call_id, [row]);
    else list.push(row);
  }
  return byCall;
}

export const findRecording = (db: JournalDb, id: string): Promise<RecordingRow | undefined> =>
  db.selectFrom("recordings").selectAll().where("id", "=", id).executeTakeFirst();

/** Where each recording goes and how far it has come. */
export async function deliveriesOfRecordings(
  db: JournalDb,
  recordingIds: readonly string[],
): Promise<ReadonlyMap<string, readonly DeliveryRow[]>> {
  const byRecording = new Map<string, DeliveryRow[]>();
  if (recordingIds.length === 0) return byRecording;
  const rows = await db
    .selectFrom("jobs")
    .selectAll()
    .where("recording_id", "in", recordingIds)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
  for (const row of rows) {
    const list = byRecording.get(row.recording_id);
    if (list === undefined) byRecording.set(row.recording_id, [row]);
    else list.push(row);
  }
  return byRecording;
}
