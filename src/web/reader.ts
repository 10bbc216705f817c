// Who reads the page: the language that was chosen here by the link, or else the settings' one; before the login also
// what the browser asks for.

import type { Request, RequestHandler } from "express";
import type { Settings } from "../settings/schema.ts";
import { createFormats, type Formats } from "../words/formats.ts";
import { createWords, isLanguage, type Language, type Words } from "../words/words.ts";
import { withQuery } from "./http/local-path.ts";

export interface Reader {
  readonly language: Language;
  readonly words: Words;
  readonly formats: Formats;
  readonly timeZone: string;
}

const cookieName = "mitschnitt-language";
const oneYearMs = 365 * 86_400_000;

const chosenLanguage = (req: Request): Language | undefined => {
  const cookie = new RegExp(`(?:^|;\\s*)${cookieName}=([a-z]+)`).exec(req.get("cookie") ?? "")?.[1];
  return isLanguage(cookie) ? cookie : undefined;
};

function languageFor(req: Request, settings: Settings): Language {
  const chosen = chosenLanguage(req);
  if (chosen !== undefined) return chosen;
  if (req.session?.userId === undefined && req.get("accept-language") !== undefined) {
    const asked = req.acceptsLanguages("de", "en");
    if (isLanguage(asked)) return asked;
  }
  return settings.language;
}

export const readerIn = (language: Language, timeZone: string): Reader => ({
  language,
  words: createWords(language),
  formats: createFormats(language, timeZone),
  timeZone,
});

export const readerOf = (req: Request, settings: Settings): Reader =>
  readerIn(languageFor(req, settings), settings.timeZone);

/** `?language=de` on any page keeps the choice in a cookie and shows the same page again. */
export const languageLink =
  (secure: boolean): RequestHandler =>
  (req, res, next) => {
    const language = req.method === "GET" ? req.query.language : undefined;
    if (!isLanguage(language)) {
      next();
      return;
    }
    res.cookie(cookieName, language, {
      maxAge: oneYearMs,
      path: "/",
      sameSite: "strict",
      httpOnly: true,
      secure,
    });
    res.redirect(303, withQuery(req.originalUrl, "language", undefined));
  };
