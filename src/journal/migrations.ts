// How the journal came to its present shape: applied once each, in order, in one transaction a step. A step that has
// been released is never changed; a new one is added.

import { type Kysely, type Migration, type MigrationProvider, sql } from "kysely";

const firstTables: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("calls")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("pbx_id", "text", (c) => c.notNull())
      .addColumn("linkedid", "text", (c) => c.notNull())
      .addColumn("started_at", "integer", (c) => c.notNull())
      .addColumn("answered_at", "integer")
      .addColumn("ended_at", "integer")
      .addColumn("direction", "text")
      .addColumn("from_number", "text", (c) => c.notNull())
      .addColumn("from_name", "text", (c) => c.notNull())
      .addColumn("to_number", "text", (c) => c.notNull())
      .addColumn("member_extension", "text")
      .addColumn("outcome", "text")
      .addColumn("reason_code", "text")
      .addColumn("reason_params", "text")
      .addUniqueConstraint("calls_linkedid", ["pbx_id", "linkedid"])
      .execute();
    await db.schema.createIndex("calls_started_at").on("calls").column("started_at").execute();
    await sql`create index calls_open on calls (started_at) where outcome is null`.execute(db);

    await db.schema
      .createTable("recordings")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("call_id", "text", (c) => c.notNull().references("calls.id"))
      .addColumn("pbx_id", "text", (c) => c.notNull())
      .addColumn("rule_id", "text", (c) => c.notNull())
      .addColumn("rule_name", "text", (c) => c.notNull())
      .addColumn("member_extension", "text", (c) => c.notNull())
      .addColumn("direction", "text", (c) => c.notNull())
      .addColumn("from_number", "text", (c) => c.notNull())
      .addColumn("to_number", "text", (c) => c.notNull())
      .addColumn("channel_uniqueid", "text", (c) => c.notNull())
      .addColumn("state", "text", (c) => c.notNull())
      .addColumn("started_at", "integer", (c) => c.notNull())
      .addColumn("ended_at", "integer")
      .addColumn("duration_ms", "integer")
      .addColumn("size_bytes", "integer")
      .addColumn("sha256", "text")
      .addColumn("file_name", "text", (c) => c.unique())
      .addColumn("reason_code", "text")
      .addColumn("reason_params", "text")
      .execute();
    await db.schema.createIndex("recordings_call_id").on("recordings").column("call_id").execute();
    await db.schema.createIndex("recordings_started_at").on("recordings").column("started_at").execute();
    await sql`create index recordings_unfinished on recordings (started_at) where state in ('open', 'finishing')`.execute(
      db,
    );

    await db.schema
      .createTable("jobs")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("recording_id", "text", (c) => c.notNull().references("recordings.id"))
      .addColumn("target_id", "text", (c) => c.notNull())
      .addColumn("state", "text", (c) => c.notNull())
      .addColumn("attempts", "integer", (c) => c.notNull())
      .addColumn("size_bytes", "integer", (c) => c.notNull())
      .addColumn("created_at", "integer", (c) => c.notNull())
      .addColumn("next_try_at", "integer", (c) => c.notNull())
      .addColumn("error_code", "text")
      .addColumn("error_message", "text")
      .addColumn("error_hint", "text")
      .addColumn("remote_name", "text")
      .addColumn("done_at", "integer")
      .addUniqueConstraint("jobs_once", ["recording_id", "target_id"])
      .execute();
    await db.schema
      .createIndex("jobs_due")
      .on("jobs")
      .columns(["target_id", "state", "next_try_at", "created_at"])
      .execute();
    // Covers what status pages sum up many times a minute; delivered jobs, which only grow, are not in it.
    await sql`create index jobs_waiting on jobs (target_id, state, created_at, size_bytes) where state <> 'done'`.execute(
      db,
    );
    await db.schema.createIndex("jobs_created_at").on("jobs").columns(["created_at", "id"]).execute();

    await db.schema
      .createTable("target_runs")
      .addColumn("target_id", "text", (c) => c.primaryKey())
      .addColumn("watched_since", "integer", (c) => c.notNull())
      .addColumn("last_run_at", "integer")
      .execute();

    await db.schema
      .createTable("users")
      .addColumn("id", "text", (c) => c.primaryKey())
      .addColumn("name", "text", (c) => c.notNull().unique())
      .addColumn("password_hash", "text", (c) => c.notNull())
      .addColumn("role", "text", (c) => c.notNull())
      .addColumn("created_at", "integer", (c) => c.notNull())
      .execute();

    await db.schema
      .createTable("sessions")
      .addColumn("id_hash", "text", (c) => c.primaryKey())
      .addColumn("data", "text", (c) => c.notNull())
      .addColumn("expires_at", "integer", (c) => c.notNull())
      .execute();

    await db.schema
      .createTable("settings_versions")
      .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
      .addColumn("at", "integer", (c) => c.notNull())
      .addColumn("changed_by", "text", (c) => c.notNull())
      .addColumn("settings", "text", (c) => c.notNull())
      .execute();
  },
};

/** Calls that move: their channels, their timeline, the calls they were merged with; recordings that were cut off. */
const movesAndLedger: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await db.schema
      .createTable("call_channels")
      .addColumn("pbx_id", "text", (c) => c.notNull())
      .addColumn("uniqueid", "text", (c) => c.notNull())
      .addColumn("call_id", "text", (c) => c.notNull().references("calls.id"))
      .addColumn("name", "text", (c) => c.notNull())
      .addPrimaryKeyConstraint("call_channels_uniqueid", ["pbx_id", "uniqueid"])
      .execute();
    await db.schema.createIndex("call_channels_call_id").on("call_channels").column("call_id").execute();

    await db.schema
      .createTable("timeline")
      .addColumn("id", "integer", (c) => c.primaryKey().autoIncrement())
      .addColumn("call_id", "text", (c) => c.notNull().references("calls.id"))
      .addColumn("at", "integer", (c) => c.notNull())
      .addColumn("kind", "text", (c) => c.notNull())
      .addColumn("params", "text", (c) => c.notNull())
      .execute();
    await db.schema.createIndex("timeline_call_id").on("timeline").columns(["call_id", "at"]).execute();

    await db.schema
      .alterTable("calls")
      .addColumn("tied_to", "text", (c) => c.references("calls.id"))
      .execute();
    await sql`create index calls_tied_to on calls (tied_to) where tied_to is not null`.execute(db);
    await db.schema.alterTable("recordings").addColumn("cut_off", "text").execute();
  },
};

export const migrations: MigrationProvider = {
  async getMigrations() {
    return { "0001-first-tables": firstTables, "0002-moves-and-ledger": movesAndLedger };
  },
};
