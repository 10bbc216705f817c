// A call as it is told: its row, those that it was merged with, their recordings and one timeline for all, out of the
// journal. The page of a call and `mitschnitt explain` say the same.

import type { JournalDb } from "../journal/journal.ts";
import {
  type DeliveryRow,
  deliveriesOfRecordings,
  type RecordingRow,
  recordingsOfCalls,
} from "../journal/recordings-search.ts";
import type { CallsTable } from "../journal/tables.ts";
import { type ToldEntry, tiedCalls, timelineOf } from "../journal/timeline.ts";

export interface ToldCall {
  readonly call: Readonly<CallsTable>;
  /** Those that it was merged with; oldest first. */
  readonly tied: readonly Readonly<CallsTable>[];
  /** Of all these calls, in the order in which they began. */
  readonly recordings: readonly ToldRecording[];
  /** Of all these calls, in order. */
  readonly timeline: readonly ToldEntry[];
}

export interface ToldRecording {
  /** From 1 on: what the timeline calls it. */
  readonly number: number;
  readonly row: RecordingRow;
  readonly deliveries: readonly DeliveryRow[];
}

export async function tellCall(db: JournalDb, call: Readonly<CallsTable>): Promise<ToldCall> {
  const calls = await tiedCalls(db, call.id);
  const ids = calls.map(({ id }) => id);
  const rows = [...(await recordingsOfCalls(db, ids)).values()].flat();
  rows.sort((a, b) => a.started_at - b.started_at);
  const deliveries = await deliveriesOfRecordings(
    db,
    rows.map(({ id }) => id),
  );
  return {
    call,
    tied: calls.filter(({ id }) => id !== call.id),
    recordings: rows.map((row, index) => ({
      number: index + 1,
      row,
      deliveries: deliveries.get(row.id) ?? [],
    })),
    timeline: await timelineOf(db, ids),
  };
}

/** The number by which a timeline names a recording; one that is gone is named by its id. */
export const recordingNumber = ({ recordings }: Pick<ToldCall, "recordings">, id: string): string =>
  String(recordings.find(({ row }) => row.id === id)?.number ?? id.slice(0, 8));
