// What every page is given: the services, and a way to show a view in the reader's language inside the common frame.

import type { Express, Request, Response } from "express";
import { formatDuration } from "../words/formats.ts";
import { formToken } from "./access/csrf.ts";
import type { Assets } from "./http/assets.ts";
import { localPath, withQuery } from "./http/local-path.ts";
import type { WebLog } from "./options.ts";
import { type Reader, readerOf } from "./reader.ts";
import { type IconName, iconPath } from "./rendering/icons.ts";
import type { Render, ViewData } from "./rendering/render.ts";
import type { WebServices } from "./services.ts";

export type Section = "overview" | "recordings" | "report" | "settings" | "account" | "none";

export interface Page {
  /** A path below views/. */
  readonly view: string;
  readonly title: string;
  readonly section: Section;
  readonly status?: number;
  /** Scripts of public/ that the page works without. */
  readonly scripts?: readonly string[];
  readonly data?: ViewData;
}

export interface PageContext {
  readonly app: Express;
  readonly services: WebServices;
  readonly log: WebLog;
  readonly now: () => Date;
  reader(req: Request): Reader;
  show(req: Request, res: Response, page: Page): Promise<void>;
  /** What views need to speak to a reader; for fragments that are rendered without a request. */
  common(reader: Reader): ViewData;
}

export interface PageContextParts {
  readonly app: Express;
  readonly services: WebServices;
  readonly render: Render;
  readonly assets: Assets;
  readonly log: WebLog;
  readonly now: () => Date;
}

export function createPageContext(parts: PageContextParts): PageContext {
  const { app, services, render, assets, log, now } = parts;
  const reader = (req: Request): Reader => readerOf(req, services.settings.current());
  const common = ({ words, formats, language }: Reader): ViewData => ({
    t: words,
    formats,
    formatDuration,
    language,
    iconPath: (name: IconName) => iconPath(name),
  });
  return {
    app,
    services,
    log,
    now,
    reader,
    common,
    async show(req, res, page) {
      const person = reader(req);
      const here = req.method === "GET" ? localPath(req.originalUrl) : req.path;
      const html = await render(page.view, {
        ...page.data,
        ...common(person),
        title: page.title,
        section: page.section,
        scripts: page.scripts ?? [],
        asset: assets.url,
        csrfToken: formToken(req),
        user: req.session.userId === undefined ? undefined : req.session.userName,
        version: services.version,
        saved: req.query.saved === "1",
        settingsProblem: req.session.userId === undefined ? undefined : services.settings.problem(),
        otherLanguageHref: withQuery(here, "language", person.words("app.other-language-code")),
      });
      res
        .status(page.status ?? 200)
        .set("Content-Language", person.language)
        .type("html")
        .send(html);
    },
  };
}
