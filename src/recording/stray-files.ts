// Files in the open folder that belong to no recording under way: their row was lost with a power cut, or the recording
// failed and left something behind. They may be a conversation, so they are told of and never removed.

import type { Conditions } from "../core/conditions.ts";
import type { JournalDb } from "../journal/journal.ts";
import { unfinishedRecordings } from "../journal/recordings.ts";
import type { Spool } from "../spool/spool.ts";

export interface StrayFiles {
  /** Looks once; call it every now and then. */
  check(): Promise<void>;
}

export interface StrayFilesParts {
  readonly db: JournalDb;
  readonly spool: Pick<Spool, "openIds" | "openFolder">;
  readonly conditions: Conditions;
  readonly now: () => Date;
}

const subject = "stray-files";
/** Enough to find them by. */
const mostNamed = 3;

export function createStrayFiles({ db, spool, conditions, now }: StrayFilesParts): StrayFiles {
  const find = async (): Promise<readonly string[]> => {
    // Files first: a row is written before its file, and a file is moved before its row is finished.
    const files = await spool.openIds();
    const underWay = new Set((await unfinishedRecordings(db)).map((recording) => recording.id));
    const strays = files.filter((id) => !underWay.has(id));
    const stillThere = new Set(strays.length === 0 ? [] : await spool.openIds());
    return strays.filter((id) => stillThere.has(id));
  };

  return {
    async check() {
      const strays = await find();
      if (strays.length === 0) return conditions.clear(subject);
      const named = strays.slice(0, mostNamed).map((id) => `${id}.wav`);
      const more = strays.length > mostNamed ? ` and ${strays.length - mostNamed} more` : "";
      conditions.raise(
        subject,
        {
          code: "stray-files",
          message: `${spool.openFolder} has files of no recording under way: ${named.join(", ")}${more}`,
          hint: "They may be conversations of which a power cut took the row. Listen to them, keep or remove them by hand.",
        },
        now(),
      );
    },
  };
}
