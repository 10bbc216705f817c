// Every sentence that a person reads on a page, in a report or on the command line comes from here: one catalogue a
// language, `locales/<language>.json`, nested by area. The catalogues' keys are held equal by a test.

import { readFileSync } from "node:fs";
import i18next, { type i18n } from "i18next";

export const languages = ["de", "en"] as const;
export type Language = (typeof languages)[number];

export const isLanguage = (value: unknown): value is Language =>
  languages.some((language) => language === value);

export type WordParams = Readonly<Record<string, string | number>>;

export interface Words {
  readonly language: Language;
  /** The sentence under `key`, its `{{params}}` filled in as they are: escaping is the page's duty. */
  (key: string, params?: WordParams): string;
  has(key: string): boolean;
}

const catalogueOf = (language: Language): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../locales/${language}.json`, import.meta.url), "utf8")) as Record<
    string,
    unknown
  >;

const loaded = new Map<Language, i18n>();

function instanceFor(language: Language): i18n {
  const existing = loaded.get(language);
  if (existing !== undefined) return existing;
  const instance = i18next.createInstance();
  void instance.init({
    lng: language,
    resources: { [language]: { translation: catalogueOf(language) } },
    initAsync: false,
    nsSeparator: false,
    // EJS escapes what it prints, and CSV and the terminal want the plain text.
    interpolation: { escapeValue: false },
  });
  loaded.set(language, instance);
  return instance;
}

/** A number named `count` also chooses between the `_zero`, `_one` and `_other` forms of a key. */
export function createWords(language: Language): Words {
  const instance = instanceFor(language);
  const say = (key: string, params: WordParams = {}): string => {
    const count = params.count;
    // Values go in as `replace`, so that none of them can act as an option of i18next.
    return instance.t(key, { replace: params, ...(typeof count === "number" ? { count } : {}) });
  };
  const isSentence = (key: string): boolean =>
    typeof instance.getResource(language, "translation", key) === "string";
  const has = (key: string): boolean => isSentence(key) || isSentence(`${key}_other`);
  return Object.assign(say, { language, has });
}
