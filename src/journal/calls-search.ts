// Reading calls for pages: newest first, page by page from a cursor, so that page 400 costs what page 1 costs. A search
// looks at a bounded number of rows at a time and lets others have the event loop in between.

import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from "kysely";
import type { OutcomeKind } from "../core/outcome.ts";
import type { JournalDb } from "./journal.ts";
import type { CallsTable, Tables } from "./tables.ts";

export type CallRow = Readonly<CallsTable>;

/** The last call of a page; the next page begins after it. */
export interface CallCursor {
  readonly startedAt: number;
  readonly id: string;
}

export interface CallSearch {
  /** Part of a number or of a name; `0301234567` finds `+49301234567`, too. */
  readonly text?: string | undefined;
  /** Started at or after, in milliseconds. */
  readonly fromMs?: number | undefined;
  /** Started before. */
  readonly toMs?: number | undefined;
  readonly outcome?: OutcomeKind | undefined;
  readonly before?: CallCursor | undefined;
  readonly limit: number;
}

export interface CallPage {
  readonly calls: readonly CallRow[];
  /** Where older calls go on; undefined at the end. */
  readonly next: CallCursor | undefined;
  /** True when the search stopped before the page was full: rows older than `next` were not looked at. */
  readonly unfinished: boolean;
}

const rowsPerStep = 5_000;
const stepsPerSearch = 40;

export async function searchCalls(db: JournalDb, search: CallSearch): Promise<CallPage> {
  const found: CallRow[] = [];
  let cursor = search.before;
  for (let step = 0; step < stepsPerSearch; step += 1) {
    const slice = await sliceEnd(db, search, cursor);
    const wanted = search.limit + 1 - found.length;
    found.push(...(await matching(db, search, cursor, slice, wanted)));
    if (found.length > search.limit) {
      const calls = found.slice(0, search.limit);
      const last = calls.at(-1);
      return { calls, next: last && cursorOf(last), unfinished: false };
    }
    if (slice === undefined) return { calls: found, next: undefined, unfinished: false };
    cursor = slice;
    await turnOfEventLoop();
  }
  return { calls: found, next: cursor, unfinished: true };
}

const cursorOf = (call: { started_at: number; id: string }): CallCursor => ({
  startedAt: call.started_at,
  id: call.id,
});

type CallsBuilder = ExpressionBuilder<Tables, "calls">;

const place = (eb: CallsBuilder, cursor: CallCursor, operator: "<" | ">="): Expression<SqlBool> =>
  eb(eb.refTuple("started_at", "id"), operator, eb.tuple(cursor.startedAt, cursor.id));

const between = (search: CallSearch, cursor: CallCursor | undefined) => (eb: CallsBuilder) =>
  eb.and([
    ...(search.fromMs === undefined ? [] : [eb("started_at", ">=", search.fromMs)]),
    ...(search.toMs === undefined ? [] : [eb("started_at", "<", search.toMs)]),
    ...(cursor === undefined ? [] : [place(eb, cursor, "<")]),
  ]);

/** The call at the end of the next `rowsPerStep` rows, or undefined where fewer are left. */
async function sliceEnd(
  db: JournalDb,
  search: CallSearch,
  cursor: CallCursor | undefined,
): Promise<CallCursor | undefined> {
  const row = await db
    .selectFrom("calls")
    .select(["started_at", "id"])
    .where(between(search, cursor))
    .orderBy("started_at", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .offset(rowsPerStep - 1)
    .executeTakeFirst();
  return row && cursorOf(row);
}

function matching(
  db: JournalDb,
  search: CallSearch,
  cursor: CallCursor | undefined,
  slice: CallCursor | undefined,
  limit: number,
): Promise<CallRow[]> {
  let query = db.selectFrom("calls").selectAll().where(between(search, cursor));
  if (slice !== undefined) query = query.where((eb) => place(eb, slice, ">="));
  if (search.outcome !== undefined) query = query.where("outcome", "=", search.outcome);
  const text = search.text?.trim() ?? "";
  if (text !== "") query = query.where((eb) => hasText(eb, text));
  return query.orderBy("started_at", "desc").orderBy("id", "desc").limit(limit).execute();
}

/** What a person types for a number: spaces and strokes do not count, nor do the zeros before a long number. */
export function numberPart(text: string): string | undefined {
  const digits = text.replaceAll(/[\s()/.–-]/g, "");
  if (!/^\+?[0-9*#]+$/.test(digits)) return undefined;
  const local = digits.replace(/^(\+|00)/, "").replace(/^0+/, "");
  return local.length >= 5 ? local : digits;
}

const contains = (column: "from_number" | "to_number" | "member_extension" | "from_name", part: string) =>
  sql<SqlBool>`${sql.ref(column)} like ${`%${part.replaceAll(/[\\%_]/g, "\\$&")}%`} escape '\\'`;

const hasText = (eb: CallsBuilder, text: string): Expression<SqlBool> => {
  const number = numberPart(text);
  return eb.or([
    contains("from_name", text),
    ...(number === undefined
      ? []
      : [
          contains("from_number", number),
          contains("to_number", number),
          contains("member_extension", number),
        ]),
  ]);
};

export const findCall = (db: JournalDb, id: string): Promise<CallRow | undefined> =>
  db.selectFrom("calls").selectAll().where("id", "=", id).executeTakeFirst();

/** The calls that a person may mean by it: an id or its beginning (four characters at least), a linkedid, a uniqueid. */
export async function callsNamed(db: JournalDb, name: string, limit: number): Promise<readonly CallRow[]> {
  const isIdPart = /^[0-9a-f]{4,32}$/.test(name);
  const ofChannel = db.selectFrom("call_channels").select("call_id").where("uniqueid", "=", name);
  return db
    .selectFrom("calls")
    .selectAll()
    .where((eb) =>
      eb.or([
        eb("linkedid", "=", name),
        eb("id", "in", ofChannel),
        ...(isIdPart ? [eb.and([eb("id", ">=", name), eb("id", "<", `${name}g`)])] : []),
      ]),
    )
    .orderBy("started_at", "desc")
    .limit(limit)
    .execute();
}

/** How many calls that began in the time ended how. */
export async function countOutcomes(
  db: JournalDb,
  fromMs: number,
  toMs: number,
): Promise<Readonly<Record<OutcomeKind, number>>> {
  const rows = await db
    .selectFrom("calls")
    .select(["outcome", (eb) => eb.fn.countAll<number>().as("count")])
    .where("started_at", ">=", fromMs)
    .where("started_at", "<", toMs)
    .where("outcome", "is not", null)
    .groupBy("outcome")
    .execute();
  const counts: Record<OutcomeKind, number> = { recorded: 0, declined: 0, "not-due": 0, failed: 0 };
  for (const row of rows) if (row.outcome !== null) counts[row.outcome] = row.count;
  return counts;
}
