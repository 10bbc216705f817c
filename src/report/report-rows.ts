// The calls of a report, oldest first, read from the journal page by page: memory stays the same whether the month had
// ten calls or a million, and other work gets its turn between two pages.

import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import type { OutcomeKind } from "../core/outcome.ts";
import type { JournalDb } from "../journal/journal.ts";
import { type RecordingRow, recordingsOfCalls } from "../journal/recordings-search.ts";
import type { CallsTable } from "../journal/tables.ts";

export interface ReportPeriod {
  /** Calls that began at or after, in milliseconds. */
  readonly fromMs: number;
  /** Calls that began before. */
  readonly toMs: number;
}

export interface ReportRow {
  readonly callId: string;
  readonly caller: string;
  readonly called: string;
  /** When the parties were connected; when it began to ring, for a call that nobody answered. */
  readonly startedAtMs: number;
  /** From then to the end of the call; 0 where nobody answered. Real time: a change of the clock does not count. */
  readonly talkMs: number;
  readonly outcome: OutcomeKind;
  readonly reasonCode: string | null;
  readonly reasonParams: string | null;
  /** Names of the call's files; more than one where several members took part. */
  readonly files: readonly string[];
}

const rowsPerPage = 500;

/**
 * Calls that are over, in which a member of a group talked with somebody, or that were recorded, declined or failed. A
 * call belongs to the period in which it began to ring; one that still goes on is in the next report that is made.
 */
export async function* reportRows(db: JournalDb, period: ReportPeriod): AsyncGenerator<ReportRow> {
  let after: { readonly startedAt: number; readonly id: string } | undefined;
  for (;;) {
    const calls = await pageOfCalls(db, period, after);
    const recordings = await recordingsOfCalls(
      db,
      calls.map((call) => call.id),
    );
    for (const call of calls) yield reportRow(call, recordings.get(call.id) ?? []);
    const last = calls.at(-1);
    if (last === undefined || calls.length < rowsPerPage) return;
    after = { startedAt: last.started_at, id: last.id };
    await turnOfEventLoop();
  }
}

/** How many rows the report has. */
export async function countReportRows(db: JournalDb, period: ReportPeriod): Promise<number> {
  const { count } = await reportedCalls(db, period)
    .select((eb) => eb.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return count;
}

type ReportedCall = CallsTable & { outcome: OutcomeKind };

const reportedCalls = (db: JournalDb, { fromMs, toMs }: ReportPeriod) =>
  db
    .selectFrom("calls")
    .where("started_at", ">=", fromMs)
    .where("started_at", "<", toMs)
    .where("outcome", "is not", null)
    .where((eb) => eb.or([eb("answered_at", "is not", null), eb("outcome", "<>", "not-due")]));

async function pageOfCalls(
  db: JournalDb,
  period: ReportPeriod,
  after: { readonly startedAt: number; readonly id: string } | undefined,
): Promise<ReportedCall[]> {
  let query = reportedCalls(db, period).selectAll().orderBy("started_at").orderBy("id").limit(rowsPerPage);
  if (after !== undefined)
    query = query.where((eb) =>
      eb(eb.refTuple("started_at", "id"), ">", eb.tuple(after.startedAt, after.id)),
    );
  return (await query.execute()).filter((call): call is ReportedCall => call.outcome !== null);
}

function reportRow(call: ReportedCall, recordings: readonly RecordingRow[]): ReportRow {
  const talkMs =
    call.answered_at === null || call.ended_at === null ? 0 : Math.max(0, call.ended_at - call.answered_at);
  return {
    callId: call.id,
    caller: call.from_number,
    called: calledParty(call),
    startedAtMs: call.answered_at ?? call.started_at,
    talkMs,
    outcome: call.outcome,
    reasonCode: call.reason_code,
    reasonParams: call.reason_params,
    files: recordings.flatMap((recording) =>
      recording.state === "failed" ? [] : (recording.file_name ?? []),
    ),
  };
}

/**
 * Who was called: for an incoming call the member who answered, not the line's number that was dialled; else the number
 * that was reached.
 */
export const calledParty = (
  call: Pick<CallsTable, "direction" | "member_extension" | "to_number">,
): string => (call.direction === "incoming" ? (call.member_extension ?? call.to_number) : call.to_number);
