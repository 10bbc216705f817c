// The login's cookie: HttpOnly, SameSite=Strict, and Secure where the pages are served behind TLS. Its value is random,
// and new after each login, so that nobody can have planted it before.

import type { Request, RequestHandler } from "express";
import session from "express-session";
import type { JournalDb } from "../../journal/journal.ts";
import { randomSecret, type Secrets } from "../../settings/secrets.ts";
import { idleMs, JournalSessionStore } from "./session-store.ts";

const secretName = "session-cookie";

/** The key that signs the cookie; made at the first start. */
export async function sessionSecret(secrets: Secrets): Promise<string> {
  const existing = secrets.get(secretName);
  if (existing !== undefined && existing !== "") return existing;
  const made = randomSecret();
  await secrets.set(secretName, made);
  return made;
}

export interface SessionOptions {
  readonly db: JournalDb;
  readonly secret: string;
  /** Behind TLS: the browser sends the cookie over https only. */
  readonly secure: boolean;
  readonly now: () => Date;
}

export const createSessions = ({ db, secret, secure, now }: SessionOptions): RequestHandler =>
  session({
    name: secure ? "__Host-mitschnitt" : "mitschnitt",
    secret,
    store: new JournalSessionStore(db, now),
    resave: false,
    saveUninitialized: false,
    rolling: true,
    cookie: { httpOnly: true, sameSite: "strict", secure, path: "/", maxAge: idleMs },
  });

/** Begins a fresh session for the user; the form's token has to be a new one, too. */
export async function logIn(
  req: Request,
  user: { readonly id: string; readonly name: string },
): Promise<void> {
  await settled((done) => req.session.regenerate(done));
  req.session.userId = user.id;
  req.session.userName = user.name;
  await settled((done) => req.session.save(done));
}

/**
 * For an answer that stays open: it neither prolongs the login while somebody merely looks, nor touches the journal when
 * it ends, at which time that may be closed.
 */
export function detachSession(req: Request): void {
  // express-session's own way to tell: no session on the request, nothing to save.
  Object.assign(req, { session: undefined });
}

export const logOut = (req: Request): Promise<void> => settled((done) => req.session.destroy(done));

const settled = (start: (done: (error: unknown) => void) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    start((error) => (error === undefined || error === null ? resolve() : reject(error)));
  });
