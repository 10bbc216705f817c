// Who may log in to the pages. Passwords are here as salted scrypt hashes only (web/access/password makes them).

import type { JournalDb } from "./journal.ts";
import type { UsersTable } from "./tables.ts";

export type UserRow = Readonly<UsersTable>;

export const findUser = (db: JournalDb, name: string): Promise<UserRow | undefined> =>
  db.selectFrom("users").selectAll().where("name", "=", name).executeTakeFirst();

export const findUserById = (db: JournalDb, id: string): Promise<UserRow | undefined> =>
  db.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst();

export async function hasUsers(db: JournalDb): Promise<boolean> {
  return (await db.selectFrom("users").select("id").limit(1).executeTakeFirst()) !== undefined;
}

/** Throws where the name is taken. */
export async function addUser(db: JournalDb, user: UserRow): Promise<void> {
  await db.insertInto("users").values(user).execute();
}

export async function setPasswordHash(db: JournalDb, userId: string, passwordHash: string): Promise<void> {
  await db.updateTable("users").set({ password_hash: passwordHash }).where("id", "=", userId).execute();
}
