// What is shown where there is nothing, or where something went wrong: what is the case and what to do next, and never
// what the inside looks like.

import { randomBytes } from "node:crypto";
import type { ErrorRequestHandler, RequestHandler } from "express";
import { invalidCsrfTokenError } from "../access/csrf.ts";
import type { PageContext } from "../page.ts";

export const notFoundPage =
  (context: PageContext): RequestHandler =>
  (req, res) => {
    const { words } = context.reader(req);
    return context.show(req, res, {
      view: "error/page",
      title: words("error.not-found"),
      section: "none",
      status: 404,
      data: { text: words("error.not-found-text") },
    });
  };

const statusOf = (error: unknown): number => {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : 500;
  return typeof status === "number" && status >= 400 && status < 500 ? status : 500;
};

export const errorPage =
  (context: PageContext): ErrorRequestHandler =>
  async (error: unknown, req, res, next) => {
    if (res.headersSent) {
      next(error);
      return;
    }
    const status = statusOf(error);
    const id = randomBytes(4).toString("hex");
    if (status === 500) context.log.error({ err: error, id, path: req.path }, "request failed");
    if (req.session === undefined) {
      // Before the session there is no page: the API, or the session store itself failed.
      res.status(status).json({ error: status === 500 ? "internal" : "bad-request", id });
      return;
    }
    const { words } = context.reader(req);
    const [title, text] =
      error === invalidCsrfTokenError
        ? [words("error.expired"), words("error.expired-text")]
        : status === 413
          ? [words("error.too-long"), words("error.too-long-text")]
          : [
              words("error.title"),
              status === 500 ? words("error.failed-text", { id }) : words("error.bad-request-text"),
            ];
    await context.show(req, res, { view: "error/page", title, section: "none", status, data: { text } });
  };
