// After `mitschnitt install`: the PBX's address and user go into the settings, unless the module runs and holds them.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { readTextFile } from "../files/durable-file.ts";
import { lockDataFolder } from "../journal/data-lock.ts";
import { openJournal } from "../journal/journal.ts";
import { createSettingsHistory } from "../journal/settings-history.ts";
import { parseSettingsText } from "../settings/field-errors.ts";
import { openSettings } from "../settings/store.ts";

export interface PbxAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

export async function rememberPbx(dataFolder: string, pbx: PbxAddress): Promise<void> {
  if (await isKnown(dataFolder, pbx)) return;
  await mkdir(dataFolder, { recursive: true, mode: 0o750 });
  const lock = lockDataFolder(join(dataFolder, "lock.db"));
  try {
    const journal = await openJournal(join(dataFolder, "journal.db"));
    try {
      const now = (): Date => new Date();
      const store = await openSettings(
        join(dataFolder, "settings.json"),
        createSettingsHistory(journal.db, now),
        now,
      );
      const settings = store.current();
      await store.save({ ...settings, pbx: { ...settings.pbx, ...pbx } }, "install");
    } finally {
      await journal.close();
    }
  } finally {
    lock.release();
  }
}

/** Installed before: then nothing is written, and a module that runs need not be stopped for it. */
async function isKnown(dataFolder: string, pbx: PbxAddress): Promise<boolean> {
  const path = join(dataFolder, "settings.json");
  const text = await readTextFile(path);
  if (text === undefined) return false;
  const { host, port, user } = parseSettingsText(text, path).pbx;
  return host === pbx.host && port === pbx.port && user === pbx.user;
}
