// The calls of a period as stories: each with those that it was merged with, their recordings, timeline and CDRs. A story
// belongs to the period in which its first call began.

import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { type SqlBool, sql } from "kysely";
import { type Cdr, isOfConference } from "../core/cdr.ts";
import type { LedgerCall, Story } from "../core/reconciliation.ts";
import type { CdrShelf } from "../journal/cdr-shelf.ts";
import type { JournalDb } from "../journal/journal.ts";
import { type RecordingRow, recordingsOfCalls } from "../journal/recordings-search.ts";
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
    const stories = await rowsOfStories(asked.db, page);
    const ids = stories.flat().map(({ id }) => id);
    // For the whole page at once: a question for each call would take most of the time.
    const [recordings, cdrs] = await Promise.all([recordingsOfCalls(asked.db, ids), shelf.ofCalls(ids)]);
    for (const rows of stories) yield await storyOf(asked, shelf, rows, { recordings, cdrs });
    after = page.at(-1);
    if (page.length < callsPerPage) return;
    await turnOfEventLoop();
  }
}

/** Each with the calls that it was merged with; only those that begin with a call of this page. */
async function rowsOfStories(
  db: JournalDb,
  page: readonly CallRow[],
): Promise<readonly (readonly CallRow[])[]> {
  const withYounger = await tiedTo(db, page);
  const stories: (readonly CallRow[])[] = [];
  for (const row of page) {
    const isAlone = row.tied_to === null && !withYounger.has(row.id);
    const rows = isAlone ? [row] : await tiedCalls(db, row.id);
    if (rows[0]?.id === row.id) stories.push(rows);
  }
  return stories;
}

/** The plus keeps SQLite from the index of linkedids, which would have it look at all calls of the PBX for each page. */
function pageOfCalls({ db, pbxId, period }: StoriesAsked, after: CallRow | undefined): Promise<CallRow[]> {
  let query = db
    .selectFrom("calls")
    .selectAll()
    .where(sql<SqlBool>`+pbx_id = ${pbxId}`)
    .where("started_at", ">=", after?.started_at ?? period.fromMs)
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

interface Facts {
  readonly recordings: ReadonlyMap<string, readonly RecordingRow[]>;
  readonly cdrs: ReadonlyMap<string, readonly Cdr[]>;
}

async function storyOf(
  { db, liveCallIds }: StoriesAsked,
  shelf: CdrShelf,
  rows: readonly CallRow[],
  facts: Facts,
): Promise<Story> {
  const ids = rows.map(({ id }) => id);
  const recordings = ids.flatMap((id) => facts.recordings.get(id) ?? []);
  const cdrs = ids.flatMap((id) => facts.cdrs.get(id) ?? []);
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
    // It explains what is missing in a recording; where there is none, nobody asks it.
    timeline: recordings.length === 0 ? [] : await timelineOf(db, ids),
    cdrs: cdrs.some(isOfConference) ? [...cdrs, ...(await shelf.ofConferencesWith(ids))] : cdrs,
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
