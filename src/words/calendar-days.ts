// Days as people write them (YYYY-MM-DD), as instants on the wall clock of a time zone: a report from the 1st to the 3rd
// begins and ends at midnight there, also on the days that are 23 or 25 hours long.

import { addDays as addToDate, type WallDate, wallDate, wallTimeToInstant } from "../core/wall-clock.ts";

const dateOf = (day: string): WallDate => {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number);
  return { year, month, day: date };
};

const written = ({ year, month, day }: WallDate): string =>
  `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;

/** A real day since 1970, written YYYY-MM-DD. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return (
    !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && date.getUTCFullYear() >= 1970
  );
}

/** The day that it is at `atMs` in the time zone. */
export const dayOf = (atMs: number, timeZone: string): string => written(wallDate(new Date(atMs), timeZone));

/** `days` may be negative. */
export const addDays = (day: string, days: number): string => written(addToDate(dateOf(day), days));

/** The first instant of a day, in milliseconds; where the clock is put on at midnight, the day begins at 1:00. */
export const startOfDay = (day: string, timeZone: string): number =>
  wallTimeToInstant(dateOf(day), "00:00", timeZone).getTime();

export interface DayRange {
  /** Inclusive. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
}

/** From the beginning of the first day to the end of the last. */
export const dayRange = (first: string, last: string, timeZone: string): DayRange => ({
  fromMs: startOfDay(first, timeZone),
  toMs: startOfDay(addDays(last, 1), timeZone),
});
