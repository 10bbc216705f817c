// Login and logout. Whoever guesses gets a pause after a few tries; whoever exists is not told apart from who does not.

import type { Request, Response } from "express";
import { urlencoded } from "express";
import { rateLimit } from "express-rate-limit";
import { findUser } from "../../journal/users.ts";
import { requireFormToken } from "../access/csrf.ts";
import { PasswordQueueFull, verifyPassword } from "../access/password.ts";
import { logIn } from "../access/session.ts";
import { textOf } from "../forms/form-body.ts";
import { localPath } from "../http/local-path.ts";
import type { PageContext } from "../page.ts";

const quarterOfAnHourMs = 15 * 60_000;
const mostFailures = 10;
/** Each look at the form makes a short-lived session. */
const mostLooks = 300;

export function loginPage(context: PageContext): void {
  const { app, services, log } = context;

  const show = (req: Request, res: Response, problem: "wrong" | "too-many" | undefined): Promise<void> => {
    const { words } = context.reader(req);
    return context.show(req, res, {
      view: "login/page",
      title: words("login.title"),
      section: "none",
      status: problem === undefined ? 200 : problem === "wrong" ? 401 : 429,
      data: {
        problem: problem && words(`login.${problem}`),
        name: textOf(req.body, "name").slice(0, 80),
        to: localPath(textOf(req.body, "to") || req.query.to),
        loggedOut: req.query.out === "1",
      },
    });
  };

  const limit = (limitPerWindow: number, skipSuccessfulRequests: boolean) =>
    rateLimit({
      windowMs: quarterOfAnHourMs,
      limit: limitPerWindow,
      skipSuccessfulRequests,
      standardHeaders: "draft-8",
      legacyHeaders: false,
      // Without a proxy of ours the header means nothing; that somebody sends it is no news for the log.
      validate: { xForwardedForHeader: false },
      handler: (req, res) => show(req, res, "too-many"),
    });

  app.get("/login", limit(mostLooks, false), async (req, res) => {
    if (req.session.userId !== undefined) res.redirect(303, "/");
    else await show(req, res, undefined);
  });

  app.post(
    "/login",
    urlencoded({ extended: false, limit: "8kb", parameterLimit: 10 }),
    requireFormToken,
    limit(mostFailures, true),
    async (req, res) => {
      const name = textOf(req.body, "name");
      const user = name.length > 80 ? undefined : await findUser(services.db, name);
      try {
        if (
          !(await verifyPassword(textOf(req.body, "password"), user?.password_hash)) ||
          user === undefined
        ) {
          log.warn({ ip: req.ip }, "login refused");
          await show(req, res, "wrong");
          return;
        }
      } catch (error) {
        if (!(error instanceof PasswordQueueFull)) throw error;
        await show(req, res, "too-many");
        return;
      }
      await logIn(req, user);
      log.info({ user: user.name, ip: req.ip }, "logged in");
      res.redirect(303, localPath(textOf(req.body, "to")));
    },
  );
}
