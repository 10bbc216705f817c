// The gate: whatever stands behind it in the app needs a login. Browsers are led to the login page, programs get a 401.

import type { RequestHandler } from "express";
import { localPath } from "../http/local-path.ts";

export const requireLogin: RequestHandler = (req, res, next) => {
  if (req.session.userId !== undefined) {
    next();
    return;
  }
  const isNavigation = req.method === "GET" && /\btext\/html\b/.test(req.get("accept") ?? "");
  if (!isNavigation) {
    res.status(401).type("text").send("401: log in first\n");
    return;
  }
  const wanted = localPath(req.originalUrl);
  res.redirect(303, wanted === "/" ? "/login" : `/login?to=${encodeURIComponent(wanted)}`);
};
