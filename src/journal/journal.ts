// Opens the journal: SQLite in WAL mode, each commit on the disk before it is believed (synchronous FULL). The tables'
// own files (calls, recordings, jobs …) build their queries on `db`.

import Database from "better-sqlite3";
import { Kysely, Migrator, SqliteDialect } from "kysely";
import { JournalError } from "../core/errors.ts";
import { migrations } from "./migrations.ts";
import type { Tables } from "./tables.ts";

export type JournalDb = Kysely<Tables>;

export interface Journal {
  readonly db: JournalDb;
  close(): Promise<void>;
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Opens or creates the journal and brings it to the present shape. Throws JournalError (`journal-unusable`). */
export async function openJournal(file: string): Promise<Journal> {
  try {
    const sqlite = new Database(file, { timeout: 10_000 });
    sqlite.pragma("journal_mode = WAL");
    sqlite.pragma("synchronous = FULL");
    sqlite.pragma("foreign_keys = ON");
    const db = new Kysely<Tables>({ dialect: new SqliteDialect({ database: sqlite }) });
    const { error } = await new Migrator({ db, provider: migrations }).migrateToLatest();
    if (error !== undefined) throw error;
    return { db, close: () => db.destroy() };
  } catch (cause) {
    throw new JournalError(`journal ${file}: ${describe(cause)}`, {
      code: "journal-unusable",
      hint: "Check that the disk has space and that the folder may be written; a damaged journal is replaced from a backup.",
      cause,
    });
  }
}
