// The options `--from` and `--to` of commands that look at a period: whole days on the wall clock of the settings.

import { type Command, InvalidArgumentError } from "commander";
import { addDays, type DayRange, dayOf, dayRange, isDay } from "../words/calendar-days.ts";

export interface PeriodFlags {
  readonly from?: string;
  readonly to?: string;
}

const day = (text: string): string => {
  if (isDay(text)) return text;
  throw new InvalidArgumentError(`expected a day as YYYY-MM-DD, got "${text}"`);
};

export const withPeriod = (command: Command): Command =>
  command
    .option("--from <day>", "first day, YYYY-MM-DD (default: 30 days before the last)", day)
    .option("--to <day>", "last day, YYYY-MM-DD (default: today)", day);

export interface Period {
  /** Days, both inclusive. */
  readonly first: string;
  readonly last: string;
  readonly range: DayRange;
}

export function periodOf({ from, to }: PeriodFlags, nowMs: number, timeZone: string): Period {
  const last = to ?? dayOf(nowMs, timeZone);
  const first = from ?? addDays(last, -30);
  return { first, last, range: dayRange(first, last, timeZone) };
}
