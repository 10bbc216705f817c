// The wall clock of a time zone, from what the runtime knows of zones (Intl). Right on the days on which the clock is
// changed: that is all this file is about.

export interface WallDate {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Making a formatter costs a thousand times what using it costs. There are few zones in one process. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterFor(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-u-ca-iso8601-nu-latn", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formatters.set(timeZone, made);
  return made;
}

/** What the wall clock shows at the instant, as if it were UTC; whole seconds. */
function wallMs(instantMs: number, timeZone: string): number {
  const shown: Record<string, number> = {};
  for (const { type, value } of formatterFor(timeZone).formatToParts(instantMs)) shown[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

const wholeSecond = (instantMs: number): number => Math.floor(instantMs / 1000) * 1000;

const offsetMs = (instantMs: number, timeZone: string): number =>
  wallMs(instantMs, timeZone) - wholeSecond(instantMs);

/** What clock and calendar on the wall show at the instant: `2026-11-22T14:03:05`. */
export const wallText = (instant: Date, timeZone: string): string =>
  new Date(wallMs(instant.getTime(), timeZone)).toISOString().slice(0, 19);

/** The date that a calendar on the wall shows at the instant. */
export function wallDate(instant: Date, timeZone: string): WallDate {
  const wall = new Date(wallMs(instant.getTime(), timeZone));
  return { year: wall.getUTCFullYear(), month: wall.getUTCMonth() + 1, day: wall.getUTCDate() };
}

export function addDays({ year, month, day }: WallDate, days: number): WallDate {
  const moved = new Date(Date.UTC(year, month - 1, day + days));
  return { year: moved.getUTCFullYear(), month: moved.getUTCMonth() + 1, day: moved.getUTCDate() };
}

/** The first instant in (beforeMs, afterMs] with the later offset: when the clock was changed. */
function changeBetween(beforeMs: number, afterMs: number, timeZone: string): number {
  const later = offsetMs(afterMs, timeZone);
  let low = beforeMs;
  let high = afterMs;
  while (high - low > 1000) {
    const middle = wholeSecond((low + high) / 2);
    if (offsetMs(middle, timeZone) === later) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * When the wall clock shows the time (`HH:MM`) on that date. A time that comes twice: the first one. A time that is
 * left out in spring: the moment at which the clock is put on.
 */
export function wallTimeToInstant(date: WallDate, time: string, timeZone: string): Date {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  const wanted = Date.UTC(date.year, date.month - 1, date.day, hour, minute);
  const candidates = [offsetMs(wanted - dayMs, timeZone), offsetMs(wanted + dayMs, timeZone)]
    .map((offset) => wanted - offset)
    .sort((a, b) => a - b);
  const shown = candidates.find((candidate) => wallMs(candidate, timeZone) === wanted);
  if (shown !== undefined) return new Date(shown);
  const [earliest = wanted, latest = wanted] = candidates;
  return new Date(changeBetween(earliest, latest, timeZone));
}
