// `mitschnitt report`: the calls of a period as CSV, read from the journal; the module need not run.

import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { openJournal } from "../journal/journal.ts";
import { createSettingsHistory } from "../journal/settings-history.ts";
import { reportCsv } from "../report/report-csv.ts";
import { reportRows } from "../report/report-rows.ts";
import { parseSettings } from "../settings/field-errors.ts";
import { defaultSettings } from "../settings/schema.ts";
import { addDays, dayOf, dayRange, isDay } from "../words/calendar-days.ts";
import { isLanguage, languages } from "../words/words.ts";
import type { CommandContext } from "./command-context.ts";

interface Flags {
  readonly from?: string;
  readonly to?: string;
  readonly language?: string;
  readonly output?: string;
}

const day = (text: string): string => {
  if (isDay(text)) return text;
  throw new InvalidArgumentError(`expected a day as YYYY-MM-DD, got "${text}"`);
};

export function registerReportCommand(program: Command, { environment }: CommandContext): void {
  program
    .command("report")
    .description("write the calls of a period as CSV")
    .option("--from <day>", "first day, YYYY-MM-DD (default: 30 days before the last)", day)
    .option("--to <day>", "last day, YYYY-MM-DD (default: today)", day)
    .addOption(new Option("--language <language>", "of the columns and words").choices(languages))
    .option("--output <file>", "where to write (default: standard output)")
    .action(async (flags: Flags) => {
      const journal = await openJournal(join(environment.dataFolder, "journal.db"));
      try {
        const former = await createSettingsHistory(journal.db, () => new Date()).latest();
        const { timeZone, language, report } =
          former === undefined ? defaultSettings() : parseSettings(former, "the settings in the journal");
        const last = flags.to ?? dayOf(Date.now(), timeZone);
        const first = flags.from ?? addDays(last, -30);
        const csv = reportCsv(reportRows(journal.db, dayRange(first, last, timeZone)), {
          language: isLanguage(flags.language) ? flags.language : language,
          timeZone,
          separator: report.separator,
        });
        await pipeline(csv, flags.output === undefined ? process.stdout : createWriteStream(flags.output), {
          end: flags.output !== undefined,
        });
      } finally {
        await journal.close();
      }
    });
}
