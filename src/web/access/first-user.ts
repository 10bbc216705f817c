// Nobody ships with a default password: at the first start a random one is made, given to whoever started the module,
// and kept as a hash only.

import { randomInt } from "node:crypto";
import { newId } from "../../journal/calls.ts";
import type { JournalDb } from "../../journal/journal.ts";
import { addUser, hasUsers } from "../../journal/users.ts";
import { fullCost, hashPassword, type ScryptCost } from "./password.ts";

/** Letters and digits that cannot be taken for each other, neither on a screen nor on paper. */
const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";

/** Four groups of five: 100 random bits. */
function randomPassword(): string {
  const group = (): string => Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join("");
  return [group(), group(), group(), group()].join("-");
}

/** Makes the user `admin` if there is nobody yet; the password is returned this once. */
export async function ensureFirstUser(
  db: JournalDb,
  now: Date = new Date(),
  cost: ScryptCost = fullCost,
): Promise<{ readonly name: "admin"; readonly password: string } | undefined> {
  if (await hasUsers(db)) return undefined;
  const password = randomPassword();
  await addUser(db, {
    id: newId(),
    name: "admin",
    password_hash: await hashPassword(password, cost),
    role: "admin",
    created_at: now.getTime(),
  });
  return { name: "admin", password };
}
