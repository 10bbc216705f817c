// Every form carries a token that only our own pages know; a POST without it is refused. SameSite=Strict alone would do
// in today's browsers, but not against another service on the same host.

import { csrfSync } from "csrf-sync";
import type { Request } from "express";

const { csrfSynchronisedProtection, generateToken, invalidCsrfTokenError } = csrfSync({
  getTokenFromRequest: (req) => {
    const token: unknown = req.body?._csrf;
    return typeof token === "string" ? token : undefined;
  },
});

export { csrfSynchronisedProtection as requireFormToken, invalidCsrfTokenError };

/** For the form's hidden field `_csrf`. */
export const formToken = (req: Request): string => generateToken(req);
