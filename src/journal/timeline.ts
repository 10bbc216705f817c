// Writing and reading of what happened in calls: their channels, their timelines, and which calls are one story.
// Written beside the call's way, so it is safe from a crash of the process and left to the next commit for the disk.

import { sql } from "kysely";
import type { TimelineEntry } from "../core/timeline.ts";
import type { JournalDb } from "./journal.ts";
import type { CallsTable } from "./tables.ts";

export interface ChannelSeen {
  readonly pbxId: string;
  readonly uniqueid: string;
  readonly name: string;
}

/** Without an fsync: a power cut may take the last of it, nothing that is recorded depends on it. */
export async function withoutSync<T>(db: JournalDb, write: (db: JournalDb) => Promise<T>): Promise<T> {
  return db.connection().execute(async (connection) => {
    await sql`pragma synchronous = normal`.execute(connection);
    try {
      return await write(connection);
    } finally {
      await sql`pragma synchronous = full`.execute(connection);
    }
  });
}

/**
 * A channel stays with the call in which it was seen first. Where another call has one of them, a transfer has merged the two
 * while nobody looked: they are tied.
 */
export async function noteChannels(
  db: JournalDb,
  callId: string,
  channels: readonly ChannelSeen[],
  at: Date,
): Promise<void> {
  const [first] = channels;
  if (first === undefined) return;
  const rows = channels.map(({ pbxId, uniqueid, name }) => ({
    pbx_id: pbxId,
    uniqueid,
    call_id: callId,
    name,
  }));
  await withoutSync(db, async (connection) => {
    await connection
      .insertInto("call_channels")
      .values(rows)
      .onConflict((conflict) => conflict.columns(["pbx_id", "uniqueid"]).doNothing())
      .execute();
  });
  const others = await db
    .selectFrom("call_channels")
    .innerJoin("calls", "calls.id", "call_channels.call_id")
    .select("calls.linkedid")
    .distinct()
    .where("call_channels.pbx_id", "=", first.pbxId)
    .where(
      "call_channels.uniqueid",
      "in",
      channels.map(({ uniqueid }) => uniqueid),
    )
    .where("call_channels.call_id", "!=", callId)
    .execute();
  for (const { linkedid } of others) await tieToLinkedid(db, callId, linkedid, at);
}

export async function addToTimeline(
  db: JournalDb,
  callId: string,
  entries: readonly TimelineEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(({ at, kind, params }) => ({
    call_id: callId,
    at: at.getTime(),
    kind,
    params: JSON.stringify(params),
  }));
  await withoutSync(db, async (connection) => {
    await connection.insertInto("timeline").values(rows).execute();
  });
}

/**
 * A transfer has merged the call with the one of that linkedid: the younger is tied to the older, and both timelines say
 * so. The first tie stays; where the younger has one, what it is tied to is tied. Nothing happens where there is no such
 * call.
 */
export async function tieToLinkedid(
  db: JournalDb,
  callId: string,
  linkedid: string,
  at: Date,
): Promise<void> {
  const call = await db.selectFrom("calls").select(aged).where("id", "=", callId).executeTakeFirst();
  if (call === undefined) return;
  const other = await db
    .selectFrom("calls")
    .select(aged)
    .where("pbx_id", "=", call.pbx_id)
    .where("linkedid", "=", linkedid)
    .executeTakeFirst();
  if (other === undefined || other.id === call.id) return;
  const [elder, junior] = inOrder(call, other);
  const [older, younger] =
    junior.tied_to === null
      ? [elder, junior]
      : inOrder(await oldestOf(db, elder), await oldestOf(db, junior));
  if (older.id === younger.id) return;
  const { numUpdatedRows } = await db
    .updateTable("calls")
    .set({ tied_to: older.id })
    .where("id", "=", younger.id)
    .where("tied_to", "is", null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return;
  await addToTimeline(db, older.id, [{ at, kind: "merged", params: { call: younger.id } }]);
}

const aged = ["id", "pbx_id", "started_at", "tied_to"] as const;

type Aged = Pick<CallsTable, (typeof aged)[number]>;

/** The call that others are tied to: each is tied to an older one, so this comes to an end. */
async function oldestOf(db: JournalDb, call: Aged): Promise<Aged> {
  if (call.tied_to === null) return call;
  const older = await db.selectFrom("calls").select(aged).where("id", "=", call.tied_to).executeTakeFirst();
  return older === undefined ? call : oldestOf(db, older);
}

/** The same answer whichever of the two is asked about, so that no ring of ties can come about. */
const isOlder = (one: Aged, other: Aged): boolean =>
  one.started_at === other.started_at ? one.id < other.id : one.started_at < other.started_at;

const inOrder = (one: Aged, other: Aged): readonly [older: Aged, younger: Aged] =>
  isOlder(one, other) ? [one, other] : [other, one];

/** More calls than this are not one story. */
const mostTied = 100;

/** The call and all with which it was merged, directly or through others; oldest first. */
export async function tiedCalls(db: JournalDb, callId: string): Promise<readonly Readonly<CallsTable>[]> {
  const found = new Map<string, Readonly<CallsTable>>();
  let wanted: readonly string[] = [callId];
  while (wanted.length > 0 && found.size < mostTied) {
    const rows = await db
      .selectFrom("calls")
      .selectAll()
      .where((row) => row.or([row("id", "in", wanted), row("tied_to", "in", wanted)]))
      .limit(mostTied)
      .execute();
    const before = new Set(found.keys());
    for (const row of rows) found.set(row.id, row);
    wanted = rows
      .filter((row) => !before.has(row.id))
      .flatMap((row) => (row.tied_to === null ? [row.id] : [row.id, row.tied_to]))
      .filter((id) => !before.has(id));
  }
  return [...found.values()].sort((a, b) => a.started_at - b.started_at);
}

export interface ToldEntry extends TimelineEntry {
  readonly callId: string;
}

/** Far more than any call has; a longer one ends there. */
const mostEntries = 2_000;

/** The timeline of these calls as one, in order. */
export async function timelineOf(db: JournalDb, callIds: readonly string[]): Promise<readonly ToldEntry[]> {
  if (callIds.length === 0) return [];
  const rows = await db
    .selectFrom("timeline")
    .selectAll()
    .where("call_id", "in", callIds)
    .orderBy("at")
    .orderBy("id")
    .limit(mostEntries)
    .execute();
  return rows.map((row) => ({
    callId: row.call_id,
    at: new Date(row.at),
    kind: row.kind,
    params: JSON.parse(row.params),
  }));
}
