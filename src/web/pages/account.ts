// One's own account: a new password, and logout. Both end the live views of the sessions that they end.

import type { Request, Response } from "express";
import { removeOtherSessions } from "../../journal/sessions.ts";
import { findUserById, setPasswordHash } from "../../journal/users.ts";
import { hashPassword, type ScryptCost, verifyPassword } from "../access/password.ts";
import { logOut } from "../access/session.ts";
import { sessionIdHash } from "../access/session-store.ts";
import type { FieldErrors } from "../forms/field-errors.ts";
import { rawTextOf } from "../forms/form-body.ts";
import type { LiveHub } from "../live/live-hub.ts";
import type { PageContext } from "../page.ts";

const shortestPassword = 12;
const longestPassword = 200;

export function accountPage(context: PageContext, live: LiveHub, passwordCost: ScryptCost): void {
  const { app, services, log } = context;

  const show = (req: Request, res: Response, errors: FieldErrors): Promise<void> =>
    context.show(req, res, {
      view: "account/page",
      title: context.reader(req).words("account.title"),
      section: "account",
      status: Object.keys(errors).length > 0 ? 422 : 200,
      data: { errors },
    });

  app.get("/account", (req, res) => show(req, res, {}));

  app.post("/account", async (req, res) => {
    const { words } = context.reader(req);
    const user = await findUserById(services.db, req.session.userId ?? "");
    const password = rawTextOf(req.body, "password");
    const errors: Record<string, string> = {};
    const expect = (field: "present" | "password" | "repeat", fulfilled: boolean): void => {
      if (!fulfilled)
        errors[field] = words("settings.expected", { expected: words(`account.${field}.expected`) });
    };
    expect("present", await verifyPassword(rawTextOf(req.body, "present"), user?.password_hash));
    expect("password", password.length >= shortestPassword && password.length <= longestPassword);
    expect("repeat", rawTextOf(req.body, "repeat") === password);
    if (user === undefined || Object.keys(errors).length > 0) {
      await show(req, res, errors);
      return;
    }
    await setPasswordHash(services.db, user.id, await hashPassword(password, passwordCost));
    await removeOtherSessions(services.db, sessionIdHash(req.sessionID));
    live.closeOthers(req.sessionID);
    log.info({ user: user.name }, "password changed");
    res.redirect(303, "/account?saved=1");
  });

  app.post("/logout", async (req, res) => {
    live.closeSession(req.sessionID);
    await logOut(req);
    res.redirect(303, "/login?out=1");
  });
}
