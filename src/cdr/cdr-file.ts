// Reads a Master.csv, which may have millions of lines, one line at a time.

import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { parse } from "csv-parse";
import { cdrDamaged, cdrFileError } from "./cdr-error.ts";
import { type CdrClock, type CdrLine, readCdrLine, secondOfUniqueid } from "./cdr-line.ts";

/** A number or name from outside may contain anything but a NUL; longer than this no line of Asterisk gets. */
const longestLine = 64 * 1024;

/** The columns of each line. What is no CSV (the line that Asterisk is just writing) is an empty list. Throws CdrError. */
async function* linesOf(path: string): AsyncGenerator<readonly string[]> {
  let skipped = 0;
  let isEndless = false;
  const parser = parse({
    bom: true,
    relax_column_count: true,
    // What stands behind a closing quotation mark spoils its own line and not the next.
    relax_quotes: true,
    skip_empty_lines: true,
    skip_records_with_error: true,
    max_record_size: longestLine,
    on_skip: (error) => {
      skipped += 1;
      isEndless ||= error?.code === "CSV_MAX_RECORD_SIZE";
    },
  });
  // The error comes out of the parser as well, to whoever reads it.
  pipeline(createReadStream(path), parser, () => undefined);
  try {
    for await (const columns of parser as AsyncIterable<string[]>) {
      yield columns;
      for (; skipped > 0; skipped -= 1) yield [];
    }
  } catch (error) {
    throw cdrFileError(path, error as NodeJS.ErrnoException);
  }
  // Whatever stood in it is not known: the file has not been read.
  if (isEndless) throw cdrDamaged(path, longestLine);
  for (; skipped > 0; skipped -= 1) yield [];
}

/** Throws CdrError `cdr-missing`, `cdr-unreadable` or `cdr-damaged`. */
export async function* readCdrFile(path: string): AsyncGenerator<CdrLine> {
  const clock = await clockOf(path);
  for await (const columns of linesOf(path)) yield readCdrLine(columns, clock);
}

const linesAsked = 500;
const nearSeconds = 5;

/**
 * Whether the file is in UTC: the first CDR of a call begins in the second that its uniqueid names. Without any uniqueid
 * it is taken for local time, Asterisk's default.
 */
export async function clockOf(path: string): Promise<CdrClock> {
  const votes = { utc: 0, local: 0 };
  let asked = 0;
  for await (const columns of linesOf(path)) {
    for (const clock of ["utc", "local"] as const) {
      const line = readCdrLine(columns, clock);
      if (line.state !== "read") continue;
      const { uniqueid, linkedid, startedAt } = line.cdr;
      const made = secondOfUniqueid(uniqueid || linkedid) ?? 0;
      if (Math.abs(startedAt.getTime() / 1000 - made) <= nearSeconds) votes[clock] += 1;
    }
    asked += 1;
    if (asked >= linesAsked) break;
  }
  return votes.utc > votes.local ? "utc" : "local";
}
