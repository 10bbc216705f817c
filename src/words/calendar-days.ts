// Days on the wall clock of a time zone, as instants: a report from the 1st to the 3rd begins and ends at midnight
// there, also on the days that are 23 or 25 hours long.

const dayMs = 86_400_000;
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterFor(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    // The Swedish way of writing a date is ISO 8601's.
    formatter = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}

/** A real day, written YYYY-MM-DD. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return (
    !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) && date.getUTCFullYear() >= 1970
  );
}

/** The day that it is at `atMs` in the time zone, YYYY-MM-DD. */
export const dayOf = (atMs: number, timeZone: string): string => formatterFor(timeZone).format(atMs);

/** `days` may be negative. */
export const addDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);

/**
 * The first instant of a day, in milliseconds. Found by halving, not by adding an offset: some zones change their
 * clocks at midnight, and then the day begins at 1:00.
 */
export function startOfDay(day: string, timeZone: string): number {
  const utcMidnight = Date.parse(`${day}T00:00:00Z`);
  let before = utcMidnight - 15 * 3_600_000;
  let notBefore = utcMidnight + 15 * 3_600_000;
  while (notBefore - before > 1000) {
    const middle = Math.floor((before + notBefore) / 2000) * 1000;
    if (dayOf(middle, timeZone) < day) before = middle;
    else notBefore = middle;
  }
  return notBefore;
}

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
