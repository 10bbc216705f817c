// The API's gate: the control token that `main` keeps in the data folder, for the command line on this machine.

import { createHash, timingSafeEqual } from "node:crypto";
import type { RequestHandler } from "express";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Compares digests, so that neither the content nor the length of the token can be felt by its timing. */
export function requireBearer(token: string): RequestHandler {
  const expected = digest(token);
  return (req, res, next) => {
    const [scheme, given = ""] = (req.get("authorization") ?? "").split(" ");
    const matches = timingSafeEqual(digest(given), expected);
    if (token !== "" && scheme?.toLowerCase() === "bearer" && matches) {
      next();
      return;
    }
    res.status(401).set("WWW-Authenticate", "Bearer").json({ error: "unauthorized" });
  };
}
