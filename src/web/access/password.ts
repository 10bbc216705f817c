// Passwords as salted scrypt hashes. A check costs the same whether the user exists or not, and only one runs at a time:
// each takes 128 MiB, and whoever sends many at once gets told to wait, not our memory.

import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const derive: (password: string, salt: Buffer, length: number, options: ScryptOptions) => Promise<Buffer> =
  promisify(scrypt);

export interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** OWASP's recommendation for scrypt: 128 MiB, some 0.3 s. */
export const fullCost: ScryptCost = { N: 2 ** 17, r: 8, p: 1 };

const hashLength = 32;
const longestPassword = 200;
const mostWaiting = 20;

let waiting = 0;
let turn: Promise<unknown> = Promise.resolve();

/** Thrown when too many checks are waiting already. */
export class PasswordQueueFull extends Error {}

function inTurn<T>(task: () => Promise<T>): Promise<T> {
  if (waiting >= mostWaiting) return Promise.reject(new PasswordQueueFull("too many logins at once"));
  waiting += 1;
  const result = turn.then(task).finally(() => {
    waiting -= 1;
  });
  turn = result.catch(() => undefined);
  return result;
}

const deriveKey = (password: string, salt: Buffer, { N, r, p }: ScryptCost): Promise<Buffer> =>
  // NFC, so that an umlaut is one however the keyboard composes it; 1 MiB above what scrypt itself needs.
  inTurn(() =>
    derive(password.slice(0, longestPassword).normalize("NFC"), salt, hashLength, {
      N,
      r,
      p,
      maxmem: 128 * N * r + 2 ** 20,
    }),
  );

/** `scrypt$N$r$p$salt$hash`. */
export async function hashPassword(password: string, cost: ScryptCost = fullCost): Promise<string> {
  const salt = randomBytes(16);
  const hash = await deriveKey(password, salt, cost);
  return ["scrypt", cost.N, cost.r, cost.p, salt.toString("base64url"), hash.toString("base64url")].join("$");
}

/** False for an unknown user (`undefined`), after the same work. */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const known = stored === undefined ? undefined : parseHash(stored);
  const { salt, hash, cost } = known ?? {
    salt: Buffer.alloc(16),
    hash: Buffer.alloc(hashLength),
    cost: fullCost,
  };
  const derived = await deriveKey(password, salt, cost);
  return timingSafeEqual(derived, hash) && known !== undefined;
}

function parseHash(stored: string): { salt: Buffer; hash: Buffer; cost: ScryptCost } | undefined {
  const [kind, N, r, p, salt = "", hash = ""] = stored.split("$");
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const bytes = Buffer.from(hash, "base64url");
  if (kind !== "scrypt" || !(cost.N > 1) || !(cost.r > 0) || !(cost.p > 0) || bytes.length !== hashLength)
    return undefined;
  return { salt: Buffer.from(salt, "base64url"), hash: bytes, cost };
}
