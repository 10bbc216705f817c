// The settings in force, on lowdb with an adapter that fsyncs. A file that a hand has broken is never overwritten
// unseen and never stops the module: the settings that were last in force go on, and the problem is shown.

import type { Adapter } from "lowdb";
import { Low } from "lowdb";
import { SettingsError } from "../core/errors.ts";
import { readTextFile, writeDurably } from "../files/durable-file.ts";
import { parseSettings, parseSettingsText } from "./field-errors.ts";
import { defaultSettings, type Settings } from "./schema.ts";

/** Where former settings are kept: the journal. */
export interface SettingsHistory {
  /** The settings that were last in force, as they were written, or undefined at the first start. */
  latest(): Promise<unknown>;
  add(settings: Settings, changedBy: string): Promise<void>;
}

export interface SettingsStore {
  current(): Settings;
  /** What is wrong with the file, while the last good settings are used in its place. */
  problem(): SettingsError | undefined;
  /** Checks (SettingsError lists every bad field), writes, then tells the listeners. */
  save(value: unknown, changedBy: string): Promise<Settings>;
  /** Reads the file again, after an edit by hand. Throws nothing: see problem(). */
  reload(): Promise<void>;
  onChange(listener: (settings: Settings) => void): () => void;
}

/** lowdb's adapter contract over a file that is written durably and checked when read. */
const settingsFile = (path: string): Adapter<Settings> => ({
  async read() {
    const text = await readTextFile(path);
    return text === undefined ? null : parseSettingsText(text, path);
  },
  write: (settings) => writeDurably(path, `${JSON.stringify(settings, null, 2)}\n`, 0o640),
});

export async function openSettings(
  path: string,
  history: SettingsHistory,
  now: () => Date,
): Promise<SettingsStore> {
  const file = new Low<Settings>(settingsFile(path), defaultSettings());
  const listeners = new Set<(settings: Settings) => void>();
  let problem: SettingsError | undefined;

  const lastGood = async (): Promise<Settings> => {
    const former = await history.latest();
    return former === undefined
      ? defaultSettings()
      : parseSettings(former, "the last settings in the journal");
  };

  const read = async (): Promise<boolean> => {
    const before = JSON.stringify(file.data);
    try {
      await file.read();
      problem = undefined;
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      problem = error;
    }
    return JSON.stringify(file.data) !== before;
  };

  const tell = (): void => {
    for (const listener of listeners) listener(file.data);
  };

  if ((await readTextFile(path)) === undefined) {
    file.data = await lastGood();
    await file.write();
  } else {
    await read();
    if (problem !== undefined) file.data = await lastGood();
  }
  if (problem === undefined) await history.add(file.data, "settings file");

  return {
    current: () => file.data,
    problem: () => problem,
    async save(value, changedBy) {
      const settings = parseSettings(value, "settings");
      if (problem !== undefined) await keepBrokenFile(path, now());
      const before = file.data;
      file.data = settings;
      try {
        await file.write();
      } catch (cause) {
        file.data = before;
        throw new SettingsError(`${path} could not be written`, {
          code: "settings-not-written",
          hint: "Check that the disk has space and that the data folder may be written.",
          cause,
        });
      }
      problem = undefined;
      await history.add(settings, changedBy);
      tell();
      return settings;
    },
    async reload() {
      if (!(await read())) return;
      await history.add(file.data, "settings file");
      tell();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** What somebody typed is not thrown away: it stays beside the new file. */
async function keepBrokenFile(path: string, now: Date): Promise<void> {
  const text = await readTextFile(path);
  if (text !== undefined)
    await writeDurably(`${path}.broken-${now.toISOString().replaceAll(":", "-")}`, text, 0o640);
}
