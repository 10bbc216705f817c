// The report as a CSV file: UTF-8 with a byte order mark and Windows line ends, since it is Excel that reads it.

import { pipeline, Readable } from "node:stream";
import { stringify } from "csv-stringify";
import { createFormats, formatClockDuration } from "../words/formats.ts";
import { outcomeText, storedReason } from "../words/reason-words.ts";
import { createWords, type Language, type Words } from "../words/words.ts";
import { csvCell } from "./csv-cell.ts";
import type { ReportRow } from "./report-rows.ts";

export interface ReportStyle {
  readonly language: Language;
  readonly timeZone: string;
  readonly separator: ";" | "," | "tab";
}

export const reportColumns = ["caller", "called", "start", "duration", "recording"] as const;
export type ReportColumn = (typeof reportColumns)[number];

/** The cells of a row in the reader's words, not yet escaped for any format. */
export function createReportCells({
  language,
  timeZone,
}: Pick<ReportStyle, "language" | "timeZone">): (row: ReportRow) => Record<ReportColumn, string> {
  const words = createWords(language);
  const formats = createFormats(language, timeZone);
  return (row) => ({
    caller: row.caller,
    called: row.called,
    start: formats.dateTime(row.startedAtMs),
    duration: formatClockDuration(row.talkMs),
    recording: recordingCell(words, row),
  });
}

/** The file's name (or names), or else why there is none. */
const recordingCell = (words: Words, row: ReportRow): string =>
  row.files.length > 0
    ? row.files.join(", ")
    : outcomeText(words, row.outcome, storedReason(row.reasonCode, row.reasonParams));

/** A stream of the file's bytes. Errors of `rows` come out of the stream. */
export function reportCsv(rows: AsyncIterable<ReportRow>, style: ReportStyle): Readable {
  const words = createWords(style.language);
  const cellsOf = createReportCells(style);
  async function* records(): AsyncGenerator<string[]> {
    yield reportColumns.map((column) => words(`report.columns.${column}`));
    for await (const row of rows) {
      const cells = cellsOf(row);
      yield reportColumns.map((column) => csvCell(cells[column]));
    }
  }
  const csv = stringify({
    bom: true,
    delimiter: style.separator === "tab" ? "\t" : style.separator,
    record_delimiter: "windows",
    // With Windows line ends csv-stringify would leave a lone \n unquoted.
    quoted_match: /[\r\n]/,
  });
  // An error reaches whoever reads `csv`; the callback only keeps it from being thrown as well.
  pipeline(Readable.from(records()), csv, () => undefined);
  return csv;
}
