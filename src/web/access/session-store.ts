// Sessions in the journal, so that a restart logs nobody out. Only the hash of a session's id is written down.

import { createHash } from "node:crypto";
import session from "express-session";
import type { JournalDb } from "../../journal/journal.ts";
import {
  prolongSession,
  readSession,
  removeExpiredSessions,
  removeSession,
  writeSession,
} from "../../journal/sessions.ts";

declare module "express-session" {
  interface SessionData {
    userId?: string;
    userName?: string;
  }
}

/** A login ends after eight hours without a request. */
export const idleMs = 8 * 3_600_000;
/** Before the login there is only the form's token to keep. */
const anonymousMs = 30 * 60_000;
/** A request within five minutes of the last one is not worth a write. */
const leastProlongationMs = 5 * 60_000;
const cleanupEveryMs = 10 * 60_000;

export const sessionIdHash = (sessionId: string): string =>
  createHash("sha256").update(sessionId).digest("hex");

type Callback = (error?: unknown) => void;

export class JournalSessionStore extends session.Store {
  readonly #db: JournalDb;
  readonly #now: () => Date;
  #cleanedAtMs = 0;

  constructor(db: JournalDb, now: () => Date) {
    super();
    this.#db = db;
    this.#now = now;
  }

  override get(
    sessionId: string,
    callback: (error: unknown, session?: session.SessionData | null) => void,
  ): void {
    readSession(this.#db, sessionIdHash(sessionId), this.#now().getTime()).then(
      (data) => callback(null, data === undefined ? null : (JSON.parse(data) as session.SessionData)),
      (error: unknown) => callback(error),
    );
  }

  override set(sessionId: string, data: session.SessionData, callback?: Callback): void {
    const nowMs = this.#now().getTime();
    const expiresAtMs = nowMs + (data.userId === undefined ? anonymousMs : idleMs);
    const written = writeSession(this.#db, sessionIdHash(sessionId), JSON.stringify(data), expiresAtMs);
    this.#finish(Promise.all([written, this.#cleanUp(nowMs)]), callback);
  }

  override destroy(sessionId: string, callback?: Callback): void {
    this.#finish(removeSession(this.#db, sessionIdHash(sessionId)), callback);
  }

  override touch(sessionId: string, data: session.SessionData, callback?: () => void): void {
    const lifetimeMs = data.userId === undefined ? anonymousMs : idleMs;
    const expiresAtMs = this.#now().getTime() + lifetimeMs;
    this.#finish(
      prolongSession(this.#db, sessionIdHash(sessionId), expiresAtMs, leastProlongationMs),
      callback as Callback | undefined,
    );
  }

  async #cleanUp(nowMs: number): Promise<void> {
    if (nowMs - this.#cleanedAtMs < cleanupEveryMs) return;
    this.#cleanedAtMs = nowMs;
    await removeExpiredSessions(this.#db, nowMs);
  }

  #finish(work: Promise<unknown>, callback: Callback | undefined): void {
    work.then(
      () => callback?.(),
      (error: unknown) => callback?.(error),
    );
  }
}
