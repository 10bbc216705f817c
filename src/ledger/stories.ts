// The calls of a period as stories: each with those that it was merged with, their recordings, timeline and CDRs. A story
// belongs to the period in which its first call began.

import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import type { LedgerCall, Story } from "../core/reconciliation.ts";
import type { CdrShelf } from "../journal/cdr-shelf.ts";
import type { JournalDb } from "../journal/journal.ts";
import { recordingsOfCalls } from "../journal/recordings-search.ts";
import type { CallsTable } from "../journal/tables.ts";
import { tiedCalls, timelineOf } from "../journal/timeline.ts";

type CallRow = Readonly<CallsTable>;

export interface StoriesAsked {
  readonly db: JournalDb;
  readonly pbxId: string;
  readonly period: { readonly fromMs: number; readonly toMs: number };
  readonly liveCallIds: ReadonlySet<string>;
}

const callsPerPage = 200;

export async function* storiesIn(asked: StoriesAsked, shelf: CdrShelf): AsyncGenerator<Story> {
  let after: CallRow | undefined;
  for (;;) {
    const page = await pageOfCalls(asked, after);
    const withYounger = await tiedTo(asked.db, page);
    for (const row of page) {
      const isAlone = row.tied_to === null && !withYounger.has(row.id);
      const rows = isAlone ? [row] : await tiedCalls(asked.db, row.id);
      if (rows[0]?.id === row.id) yield storyOf(asked, shelf, rows);
    }
    after = page.at(-1);
    if (page.length < callsPerPage) return;
    await turnOfEventLoop();
  }
}

function pageOfCalls({ db, pbxId, period }: StoriesAsked, after: CallRow | undefined): Promise<CallRow[]> {
  let query = db
    .selectFrom("calls")
    .selectAll()
    .where("pbx_id", "=", pbxId)
    .where("started_at", ">=", period.fromMs)
    .where("started_at", "<", period.toMs);
  if (after !== undefined)
    query = query.where((eb) =>
      eb(eb.refTuple("started_at", "id"), ">", eb.tuple(after.started_at, after.id)),
    );
  return query.orderBy("started_at").orderBy("id").limit(callsPerPage).execute();
}

/** Which of the calls others are tied to. */
async function tiedTo(db: JournalDb, page: readonly CallRow[]): Promise<ReadonlySet<string | null>> {
  if (page.length === 0) return new Set();
  const ids = page.map(({ id }) => id);
  const rows = await db.selectFrom("calls").select("tied_to").where("tied_to", "in", ids).execute();
  return new Set(rows.map((row) => row.tied_to));
}

async function storyOf(
  { db, liveCallIds }: StoriesAsked,
  shelf: CdrShelf,
  rows: readonly CallRow[],
): Promise<Story> {
  const ids = rows.map(({ id }) => id);
  const recordings = [...(await recordingsOfCalls(db, ids)).values()].flat();
  return {
    calls: rows.map((row) => ledgerCall(row, liveCallIds)),
    recordings: recordings
      .filter(({ state }) => state !== "failed")
      .map((row) => ({
        startedAt: new Date(row.started_at),
        endedAt: dateOf(row.ended_at),
        durationMs: row.duration_ms ?? 0,
        cutOff: row.cut_off ?? undefined,
      })),
    timeline: await timelineOf(db, ids),
    cdrs: await shelf.ofCalls(ids),
  };
}

const dateOf = (ms: number | null): Date | undefined => (ms === null ? undefined : new Date(ms));

const ledgerCall = (row: CallRow, liveCallIds: ReadonlySet<string>): LedgerCall => ({
  id: row.id,
  linkedid: row.linkedid,
  startedAt: new Date(row.started_at),
  answeredAt: dateOf(row.answered_at),
  endedAt: dateOf(row.ended_at),
  from: row.from_number,
  to: row.to_number,
  outcome: row.outcome ?? undefined,
  reasonCode: row.reason_code ?? undefined,
  isLive: liveCallIds.has(row.id),
});
