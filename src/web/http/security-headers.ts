// What every answer says to the browser: run and load nothing but our own files, sit in no frame, keep no copy.

import type { RequestHandler } from "express";
import helmet from "helmet";

export function securityHeaders(secure: boolean): RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
          // Tabler's style sheet draws arrows and ticks from data: URLs.
          imgSrc: ["'self'", "data:"],
          mediaSrc: ["'self'"],
          connectSrc: ["'self'"],
          formAction: ["'self'"],
          baseUri: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      strictTransportSecurity: secure,
      referrerPolicy: { policy: "same-origin" },
      xFrameOptions: { action: "deny" },
    }),
    (_req, res, next) => {
      res.set("Cache-Control", "no-store");
      res.set("Permissions-Policy", "camera=(), microphone=(), geolocation=()");
      next();
    },
  ];
}
