// When a target's new jobs are taken on. Pure: the queue asks at each tick with the clock's reading and with what the
// journal knows of earlier runs, so that a run that was slept through is caught up, once.

import { assertNever } from "./errors.ts";
import { addDays, wallDate, wallTimeToInstant } from "./wall-clock.ts";

export type Schedule =
  | { readonly kind: "at-once" }
  | { readonly kind: "interval"; readonly minutes: number }
  /** `time` is HH:MM on the wall clock of the settings' time zone. */
  | { readonly kind: "daily"; readonly time: string };

export interface RunHistory {
  readonly lastRunAt: Date | undefined;
  /** Since when the schedule has been watched: what was due before was nobody's duty. */
  readonly watchedSince: Date;
}

/**
 * A run that lies further ahead than this was written by a clock that was wrong. One run too many delivers early; no
 * run at all until that clock's date would be a loss.
 */
const believableFutureMs = 3_600_000;

/** The queue asks once a minute, a little late now and then: without this, an interval of 15 minutes takes 16. */
const tickToleranceMs = 30_000;

const runIsFromTheFuture = (lastRunAt: Date | undefined, now: Date): boolean =>
  lastRunAt !== undefined && lastRunAt.getTime() - now.getTime() > believableFutureMs;

/** The latest moment up to `now` at which the daily time was reached. */
function lastDailyTime(time: string, now: Date, timeZone: string): Date {
  const today = wallDate(now, timeZone);
  const todays = wallTimeToInstant(today, time, timeZone);
  return todays <= now ? todays : wallTimeToInstant(addDays(today, -1), time, timeZone);
}

function nextDailyTime(time: string, now: Date, timeZone: string): Date {
  const today = wallDate(now, timeZone);
  const todays = wallTimeToInstant(today, time, timeZone);
  return todays > now ? todays : wallTimeToInstant(addDays(today, 1), time, timeZone);
}

/** However many runs were missed, they are one run that is due. */
export function isRunDue(schedule: Schedule, history: RunHistory, now: Date, timeZone: string): boolean {
  if (runIsFromTheFuture(history.lastRunAt, now)) return true;
  switch (schedule.kind) {
    case "at-once":
      return true;
    case "interval":
      return (
        history.lastRunAt === undefined ||
        now.getTime() - history.lastRunAt.getTime() >= schedule.minutes * 60_000 - tickToleranceMs
      );
    case "daily":
      return lastDailyTime(schedule.time, now, timeZone) > (history.lastRunAt ?? history.watchedSince);
    default:
      return assertNever(schedule);
  }
}

/** For pages: `now` where a run is due. */
export function nextRunAt(schedule: Schedule, history: RunHistory, now: Date, timeZone: string): Date {
  if (isRunDue(schedule, history, now, timeZone)) return now;
  switch (schedule.kind) {
    case "at-once":
      return now;
    case "interval":
      return new Date((history.lastRunAt ?? now).getTime() + schedule.minutes * 60_000);
    case "daily":
      return nextDailyTime(schedule.time, now, timeZone);
    default:
      return assertNever(schedule);
  }
}
