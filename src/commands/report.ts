// `mitschnitt report`: the calls of a period as CSV, read from the journal; the module need not run.

import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { reportCsv } from "../report/report-csv.ts";
import { reportRows } from "../report/report-rows.ts";
import type { CommandContext } from "./command-context.ts";
import { type PeriodFlags, periodOf, withPeriod } from "./period.ts";
import { languageOf, languageOption, withJournal } from "./with-journal.ts";

interface Flags extends PeriodFlags {
  readonly language?: string;
  readonly output?: string;
}

export function registerReportCommand(program: Command, { environment }: CommandContext): void {
  withPeriod(program.command("report").description("write the calls of a period as CSV"))
    .addOption(languageOption())
    .option("--output <file>", "where to write (default: standard output)")
    .action((flags: Flags) =>
      withJournal(environment, async (db, settings) => {
        const { timeZone, report } = settings;
        const csv = reportCsv(reportRows(db, periodOf(flags, Date.now(), timeZone).range), {
          language: languageOf(flags.language, settings),
          timeZone,
          separator: report.separator,
        });
        await pipeline(csv, flags.output === undefined ? process.stdout : createWriteStream(flags.output), {
          end: flags.output !== undefined,
        });
      }),
    );
}
