// One process per data folder. The lock is an exclusive transaction on a file of its own: the kernel lets go of it
// when the process ends, however it ends, so there is never a stale one.

import Database from "better-sqlite3";
import { JournalError } from "../core/errors.ts";

export interface DataLock {
  release(): void;
}

/** Throws JournalError: `already-running` while another process holds the folder, `data-folder-unusable`. */
export function lockDataFolder(file: string): DataLock {
  const lock = attempt(file, () => new Database(file, { timeout: 0 }));
  try {
    attempt(file, () => {
      lock.pragma("journal_mode = DELETE");
      lock.exec("BEGIN EXCLUSIVE");
    });
  } catch (error) {
    lock.close();
    throw error;
  }
  return { release: () => lock.close() };
}

function attempt<T>(file: string, step: () => T): T {
  try {
    return step();
  } catch (cause) {
    const isHeld = cause instanceof Database.SqliteError && cause.code.startsWith("SQLITE_BUSY");
    throw isHeld ? heldByAnother(file, cause) : unusable(file, cause);
  }
}

const heldByAnother = (file: string, cause: unknown): JournalError =>
  new JournalError(`${file} is held by another process: Mitschnitt is running on this data folder already`, {
    code: "already-running",
    hint: "Use the one that runs (`mitschnitt status`), or start this one with another MITSCHNITT_DATA.",
    permanent: true,
    cause,
  });

const unusable = (file: string, cause: unknown): JournalError =>
  new JournalError(`${file} cannot be locked: ${cause instanceof Error ? cause.message : String(cause)}`, {
    code: "data-folder-unusable",
    hint: "Check that this account may write in the data folder, and that its disk has space.",
    cause,
  });
