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
  /** JSON. */
  readonly settings: string;
  /** In force from then on; the first version is taken for all that was before it, too. */
  readonly fromMs: number;
  /** When the next one came into force. */
  readonly untilMs: number;
}

/** The settings that were in force at a time; undefined where there never were any. */
export async function settingsAt(db: JournalDb, at: Date): Promise<SettingsVersion | undefined> {
  const versions = db.selectFrom("settings_versions").select(["id", "at", "settings"]).limit(1);
  const atMs = at.getTime();
  const before = await versions.where("at", "<=", atMs).orderBy("id", "desc").executeTakeFirst();
  const found = before ?? (await versions.orderBy("id").executeTakeFirst());
  if (found === undefined) return undefined;
  const next = await versions.where("id", ">", found.id).orderBy("id").executeTakeFirst();
  const fromMs = before === undefined ? Number.NEGATIVE_INFINITY : found.at;
  return { settings: found.settings, fromMs, untilMs: next?.at ?? Number.POSITIVE_INFINITY };
}
