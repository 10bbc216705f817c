// What commands that read the journal share: it is opened, the settings last in force are taken from it, and it is
// closed whatever happens. The module may run meanwhile, or not.

import { join } from "node:path";
import { Option } from "commander";
import type { Environment } from "../environment.ts";
import { type JournalDb, openJournal } from "../journal/journal.ts";
import { createSettingsHistory } from "../journal/settings-history.ts";
import { parseSettings } from "../settings/field-errors.ts";
import { defaultSettings, type Settings } from "../settings/schema.ts";
import { isLanguage, type Language, languages } from "../words/words.ts";

export async function withJournal<T>(
  { dataFolder }: Environment,
  use: (db: JournalDb, settings: Settings) => Promise<T>,
): Promise<T> {
  const journal = await openJournal(join(dataFolder, "journal.db"));
  try {
    const former = await createSettingsHistory(journal.db, () => new Date()).latest();
    const settings =
      former === undefined ? defaultSettings() : parseSettings(former, "the settings in the journal");
    return await use(journal.db, settings);
  } finally {
    await journal.close();
  }
}

export const languageOption = (): Option =>
  new Option("--language <language>", "of the words (default: of the settings)").choices(languages);

export const languageOf = (flag: string | undefined, settings: Pick<Settings, "language">): Language =>
  isLanguage(flag) ? flag : settings.language;
