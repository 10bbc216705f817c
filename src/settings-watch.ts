// Notices an edit of settings.json by hand, takes it over when it is good, and says so where everybody sees it when it
// is not.

import { unwatchFile, watchFile } from "node:fs";
import type { Conditions } from "./core/conditions.ts";
import type { SettingsStore } from "./settings/store.ts";

export interface SettingsWatchLog {
  warn(fields: object, message: string): void;
}

const subject = "settings";
/** By polling: an editor replaces the file, and then a watch on the old one sees nothing more. */
const lookEveryMs = 2000;

/** Returns the function that ends the watch. */
export function watchSettingsFile(
  path: string,
  settings: SettingsStore,
  conditions: Conditions,
  log: SettingsWatchLog,
): () => void {
  const tell = (): void => {
    const problem = settings.problem();
    if (problem === undefined) {
      conditions.clear(subject);
      return;
    }
    const message = `${problem.message} — the settings that were last in force go on`;
    conditions.raise(subject, { code: problem.code, message, hint: problem.hint }, new Date());
  };
  const look = (): void => {
    settings.reload().then(tell, (error: unknown) => log.warn({ error: String(error) }, "settings not read"));
  };
  watchFile(path, { interval: lookEveryMs, persistent: false }, look);
  const release = settings.onChange(tell);
  tell();
  return () => {
    unwatchFile(path, look);
    release();
  };
}
