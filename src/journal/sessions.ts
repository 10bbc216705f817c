// Logins that are open, by the hash of the cookie's value: whoever reads the journal cannot use them.

import type { JournalDb } from "./journal.ts";

/** The session's JSON, unless it has expired. */
export async function readSession(db: JournalDb, idHash: string, nowMs: number): Promise<string | undefined> {
  const row = await db
    .selectFrom("sessions")
    .select("data")
    .where("id_hash", "=", idHash)
    .where("expires_at", ">", nowMs)
    .executeTakeFirst();
  return row?.data;
}

export async function writeSession(
  db: JournalDb,
  idHash: string,
  data: string,
  expiresAtMs: number,
): Promise<void> {
  await db
    .insertInto("sessions")
    .values({ id_hash: idHash, data, expires_at: expiresAtMs })
    .onConflict((conflict) => conflict.column("id_hash").doUpdateSet({ data, expires_at: expiresAtMs }))
    .execute();
}

/** Moves the end of a session, if that moves it by `leastMs` or more: not every request is worth a write. */
export async function prolongSession(
  db: JournalDb,
  idHash: string,
  expiresAtMs: number,
  leastMs: number,
): Promise<void> {
  await db
    .updateTable("sessions")
    .set({ expires_at: expiresAtMs })
    .where("id_hash", "=", idHash)
    .where("expires_at", "<=", expiresAtMs - leastMs)
    .execute();
}

export async function removeSession(db: JournalDb, idHash: string): Promise<void> {
  await db.deleteFrom("sessions").where("id_hash", "=", idHash).execute();
}

/** After a change of password: whoever was logged in elsewhere has to log in again. */
export async function removeOtherSessions(db: JournalDb, keptIdHash: string): Promise<void> {
  await db.deleteFrom("sessions").where("id_hash", "!=", keptIdHash).execute();
}

export async function removeExpiredSessions(db: JournalDb, nowMs: number): Promise<void> {
  await db.deleteFrom("sessions").where("expires_at", "<=", nowMs).execute();
}
