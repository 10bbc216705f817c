// From a job to the file that it is about: what the journal knows of the recording, and where the spool keeps it.

import type { JournalDb } from "../journal/journal.ts";
import { transferError } from "./failures.ts";
import type { OutgoingFile } from "./target.ts";

export interface OutgoingFilesParts {
  readonly db: JournalDb;
  /** Where the spool keeps a finished recording of this name. */
  readonly pathOf: (fileName: string) => string;
}

export type OutgoingFiles = (recordingId: string) => Promise<OutgoingFile>;

export function createOutgoingFiles({ db, pathOf }: OutgoingFilesParts): OutgoingFiles {
  return async (recordingId) => {
    const row = await db
      .selectFrom("recordings")
      .select(["file_name", "size_bytes", "sha256"])
      .where("id", "=", recordingId)
      .executeTakeFirst();
    if (row === undefined || row.file_name === null || row.size_bytes === null || row.sha256 === null)
      throw transferError("unexpected", `recording ${recordingId}: the journal knows no finished file`);
    return {
      recordingId,
      localPath: pathOf(row.file_name),
      name: row.file_name,
      sizeBytes: row.size_bytes,
      sha256: row.sha256,
    };
  };
}
