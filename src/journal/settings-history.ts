// Every settings that were ever in force, newest last. The store falls back on the newest when the file is broken.

import type { JournalDb } from "./journal.ts";

/** Matches what the settings store asks for; values are JSON-able. */
export interface SettingsHistory {
  latest(): Promise<unknown>;
  add(settings: unknown, changedBy: string): Promise<void>;
}

export function createSettingsHistory(db: JournalDb, now: () => Date): SettingsHistory {
  const latestText = async (): Promise<string | undefined> =>
    (
      await db
        .selectFrom("settings_versions")
        .select("settings")
        .orderBy("id", "desc")
        .limit(1)
        .executeTakeFirst()
    )?.settings;
  return {
    async latest() {
      const text = await latestText();
      return text === undefined ? undefined : JSON.parse(text);
    },
    async add(settings, changedBy) {
      const text = JSON.stringify(settings);
      if (text === (await latestText())) return;
      await db
        .insertInto("settings_versions")
        .values({ at: now().getTime(), changed_by: changedBy, settings: text })
        .execute();
    },
  };
}

export interface SettingsVersion {
  readonly id: number;
  /** JSON. */
  readonly settings: string;
}

/** Which settings were in force at a time, by their id; of a time before the first, the first. */
export async function settingsIdAt(db: JournalDb, at: Date): Promise<number | undefined> {
  const before = await db
    .selectFrom("settings_versions")
    .select("id")
    .where("at", "<=", at.getTime())
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  const found =
    before ??
    (await db.selectFrom("settings_versions").select("id").orderBy("id").limit(1).executeTakeFirst());
  return found?.id;
}

export const settingsVersion = (db: JournalDb, id: number): Promise<SettingsVersion | undefined> =>
  db.selectFrom("settings_versions").select(["id", "settings"]).where("id", "=", id).executeTakeFirst();
