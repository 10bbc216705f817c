// One process per data folder. The lock is an exclusive transaction on a file of its own: the kernel lets go of it
// when the process ends, however it ends, so there is never a stale one.

import Database from "better-sqlite3";
import { JournalError } from "../core/errors.ts";

export interface DataLock {
  release(): void;
}

/** Throws JournalError `already-running` while another process holds the folder. */
export function lockDataFolder(file: string): DataLock {
  const lock = new Database(file, { timeout: 0 });
  try {
    lock.pragma("journal_mode = DELETE");
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    throw new JournalError(
      `${file} is held by another process: Mitschnitt is running on this data folder already`,
      {
        code: "already-running",
        hint: "Use the one that runs (`mitschnitt status`), or start this one with another MITSCHNITT_DATA.",
        permanent: true,
        cause,
      },
    );
  }
  return { release: () => lock.close() };
}
