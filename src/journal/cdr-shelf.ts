// A place for the CDRs of a period while they are compared with the journal: a temporary table of this connection, so
// that a year's file takes disk and not memory, and is gone when the connection is. Nothing of it is in the journal.

import { type Kysely, sql } from "kysely";
import { type Cdr, isOfConference, seenFromOther } from "../core/cdr.ts";
import type { UnknownCall } from "../core/reconciliation.ts";
import type { JournalDb } from "./journal.ts";
import type { Tables } from "./tables.ts";

interface ShelfTable {
  uniqueid: string;
  linkedid: string;
  channel: string;
  dst_channel: string;
  source: string;
  destination: string;
  last_app: string;
  started_at: number;
  answered_at: number | null;
  ended_at: number;
  answered_seconds: number;
  disposition: string;
  /** Null until they were assigned, and for those whose call the journal does not have. */
  call_id: string | null;
}

export interface CdrShelf {
  put(cdrs: readonly Cdr[]): Promise<void>;
  /** Finds the call of each CDR; once, after the last was put. */
  assign(pbxId: string): Promise<void>;
  /** By the call; calls without any are missing. */
  ofCalls(callIds: readonly string[]): Promise<ReadonlyMap<string, readonly Cdr[]>>;
  /** CDRs of others in whose conference these calls were, seen from their side. */
  ofConferencesWith(callIds: readonly string[]): Promise<readonly Cdr[]>;
  /** Calls that the journal does not have, by their linkedid, oldest first. */
  unknown(): AsyncGenerator<UnknownCall>;
}

interface UnknownTable {
  place: number;
  linkedid: string;
  started_at: number;
  ended_at: number;
  source: string;
  destination: string;
}

type Shelves = Tables & { cdr_shelf: ShelfTable; cdr_unknown: UnknownTable };

const rowsPerPage = 500;
const nameOfCall = sql`case linkedid when '' then uniqueid else linkedid end`;

export async function createCdrShelf(journal: JournalDb): Promise<CdrShelf> {
  const db = journal as unknown as Kysely<Shelves>;
  for (const table of ["cdr_shelf", "cdr_unknown"])
    await sql`drop table if exists temp.${sql.ref(table)}`.execute(db);
  await sql`create temporary table cdr_shelf (uniqueid text, linkedid text, channel text, dst_channel text,
    source text, destination text, last_app text, started_at integer, answered_at integer, ended_at integer,
    answered_seconds integer, disposition text, call_id text)`.execute(db);
  await sql`create temporary table cdr_unknown (place integer primary key, linkedid text, started_at integer,
    ended_at integer, source text, destination text)`.execute(db);

  return {
    async put(cdrs) {
      if (cdrs.length > 0) await db.insertInto("cdr_shelf").values(cdrs.map(rowOf)).execute();
    },
    async assign(pbxId) {
      // The channel's call comes first: a linkedid changes when calls are merged, the channel's first call does not.
      await sql`update temp.cdr_shelf set call_id = coalesce(
        (select call_id from call_channels where pbx_id = ${pbxId} and uniqueid = cdr_shelf.uniqueid),
        (select id from calls where pbx_id = ${pbxId} and linkedid = cdr_shelf.linkedid),
        (select id from calls where pbx_id = ${pbxId} and linkedid = cdr_shelf.uniqueid))`.execute(db);
      await sql`create index temp.cdr_shelf_call on cdr_shelf (call_id)`.execute(db);
      await sql`create index temp.cdr_shelf_dst on cdr_shelf (dst_channel)`.execute(db);
      // SQLite takes a bare column from the row that has the minimum: whom the call's first CDR names.
      await sql`insert into temp.cdr_unknown (linkedid, started_at, ended_at, source, destination)
        select first.linkedid, first.started_at, last.ended_at, first.source, first.destination
        from (select ${nameOfCall} as linkedid, min(started_at) as started_at, source, destination
          from temp.cdr_shelf where call_id is null group by 1) as first
        join (select ${nameOfCall} as linkedid, max(ended_at) as ended_at
          from temp.cdr_shelf where call_id is null group by 1) as last on last.linkedid = first.linkedid
        order by first.started_at, first.linkedid`.execute(db);
    },
    async ofCalls(callIds) {
      const byCall = new Map<string, Cdr[]>();
      if (callIds.length === 0) return byCall;
      const rows = await db
        .selectFrom("cdr_shelf")
        .selectAll()
        .where("call_id", "in", callIds)
        .orderBy("started_at")
        .execute();
      for (const row of rows) {
        const list = byCall.get(row.call_id ?? "");
        if (list === undefined) byCall.set(row.call_id ?? "", [cdrOf(row)]);
        else list.push(cdrOf(row));
      }
      return byCall;
    },
    ofConferencesWith: (callIds) => conferencesWith(db, callIds),
    async *unknown() {
      let after = 0;
      for (;;) {
        const page = await db
          .selectFrom("cdr_unknown")
          .selectAll()
          .where("place", ">", after)
          .orderBy("place")
          .limit(rowsPerPage)
          .execute();
        for (const { place, linkedid, started_at, ended_at, source, destination } of page) {
          after = place;
          const [startedAt, endedAt] = [new Date(started_at), new Date(ended_at)];
          yield { linkedid, startedAt, endedAt, source, destination };
        }
        if (page.length < rowsPerPage) return;
      }
    },
  };
}

/** A channel's name is unique until the PBX is restarted, so the two have to overlap in time as well. */
async function conferencesWith(db: Kysely<Shelves>, callIds: readonly string[]): Promise<readonly Cdr[]> {
  const rows = await db
    .selectFrom("cdr_shelf as own")
    .innerJoin("cdr_shelf as other", "other.dst_channel", "own.channel")
    .selectAll("other")
    .distinct()
    .where("own.call_id", "in", callIds)
    .where((eb) => eb.or([eb("other.call_id", "is", null), eb("other.call_id", "not in", callIds)]))
    .whereRef("other.started_at", "<=", "own.ended_at")
    .whereRef("other.ended_at", ">=", "own.started_at")
    .execute();
  return rows.map(cdrOf).filter(isOfConference).map(seenFromOther);
}

const rowOf = (cdr: Cdr): ShelfTable => ({
  uniqueid: cdr.uniqueid,
  linkedid: cdr.linkedid,
  channel: cdr.channel,
  dst_channel: cdr.dstChannel,
  source: cdr.source,
  destination: cdr.destination,
  last_app: cdr.lastApp,
  started_at: cdr.startedAt.getTime(),
  answered_at: cdr.answeredAt?.getTime() ?? null,
  ended_at: cdr.endedAt.getTime(),
  answered_seconds: cdr.answeredSeconds,
  disposition: cdr.disposition,
  call_id: null,
});

const cdrOf = (row: ShelfTable): Cdr => ({
  uniqueid: row.uniqueid,
  linkedid: row.linkedid,
  channel: row.channel,
  dstChannel: row.dst_channel,
  source: row.source,
  destination: row.destination,
  lastApp: row.last_app,
  startedAt: new Date(row.started_at),
  answeredAt: row.answered_at === null ? undefined : new Date(row.answered_at),
  endedAt: new Date(row.ended_at),
  answeredSeconds: row.answered_seconds,
  disposition: row.disposition,
});
