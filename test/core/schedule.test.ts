import { expect } from "chai";
import fc from "fast-check";
import { isRunDue, nextRunAt, type Schedule } from "../../src/core/schedule.ts";
import { addDays, wallDate, wallTimeToInstant } from "../../src/core/wall-clock.ts";

const berlin = "Europe/Berlin";
const minuteMs = 60_000;
const at = (iso: string): Date => new Date(iso);
const daily = (time: string): Schedule => ({ kind: "daily", time });
const longAgo = at("2026-01-01T00:00:00Z");

/** Ticks at the given instants as the queue does, and returns those at which a run began. */
function simulate(schedule: Schedule, watchedSince: Date, ticks: readonly Date[]): Date[] {
  const runs: Date[] = [];
  for (const tick of ticks) {
    if (isRunDue(schedule, { lastRunAt: runs.at(-1), watchedSince }, tick, berlin)) runs.push(tick);
  }
  return runs;
}

const everyMinute = (from: Date, to: Date): Date[] => {
  const ticks: Date[] = [];
  for (let ms = from.getTime(); ms < to.getTime(); ms += minuteMs) ticks.push(new Date(ms));
  return ticks;
};

/** The days of the clock changes in Berlin, each with the night before and after. */
const changeDays = [
  { year: 2026, month: 3, day: 29 },
  { year: 2026, month: 10, day: 25 },
  { year: 2027, month: 3, day: 28 },
  { year: 2027, month: 10, day: 31 },
];
const wallTime = fc
  .integer({ min: 0, max: 1439 })
  .map(
    (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`,
  );
const nightlyTime = fc
  .integer({ min: 0, max: 239 })
  .map((minute) => `0${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}`);

describe("schedule", () => {
  describe("at once", () => {
    it("is always due", () => {
      const now = at("2026-06-01T12:00:00Z");
      const history = { lastRunAt: now, watchedSince: longAgo };
      expect(isRunDue({ kind: "at-once" }, history, now, berlin)).to.equal(true);
      expect(nextRunAt({ kind: "at-once" }, history, now, berlin)).to.deep.equal(now);
    });
  });

  describe("interval", () => {
    const quarter: Schedule = { kind: "interval", minutes: 15 };

    it("runs at once when it never ran", () => {
      expect(isRunDue(quarter, { lastRunAt: undefined, watchedSince: longAgo }, longAgo, berlin)).to.equal(
        true,
      );
    });

    it("runs every 15 minutes although the ticks come some milliseconds early or late", () => {
      const ticks = everyMinute(at("2026-06-01T12:00:00Z"), at("2026-06-01T13:00:00Z")).map(
        (tick, index) => new Date(tick.getTime() + ((index * 37) % 90) + (index % 15 === 0 ? -40 : 0)),
      );
      expect(simulate(quarter, longAgo, ticks)).to.have.lengthOf(4);
    });

    it("names the time of its next run", () => {
      const history = { lastRunAt: at("2026-06-01T12:00:00Z"), watchedSince: longAgo };
      expect(nextRunAt(quarter, history, at("2026-06-01T12:05:00Z"), berlin)).to.deep.equal(
        at("2026-06-01T12:15:00Z"),
      );
    });
  });

  describe("daily", () => {
    it("waits for its time when it never ran", () => {
      const history = { lastRunAt: undefined, watchedSince: at("2026-06-01T12:00:00Z") };
      expect(isRunDue(daily("10:00"), history, at("2026-06-01T12:01:00Z"), berlin)).to.equal(false);
      expect(isRunDue(daily("20:00"), history, at("2026-06-01T17:59:59Z"), berlin)).to.equal(false);
      expect(isRunDue(daily("20:00"), history, at("2026-06-01T18:00:00Z"), berlin)).to.equal(true);
    });

    it("catches up one run after days of sleep, not one for each day", () => {
      const asleep = [at("2026-06-01T18:00:10Z"), at("2026-06-09T07:13:00Z"), at("2026-06-09T07:14:00Z")];
      expect(simulate(daily("20:00"), at("2026-06-01T00:00:00Z"), asleep)).to.deep.equal(asleep.slice(0, 2));
    });

    it("runs at the end of the gap when its time is left out in spring", () => {
      const ticks = everyMinute(at("2026-03-29T00:00:00Z"), at("2026-03-29T12:00:00Z"));
      expect(simulate(daily("02:30"), at("2026-03-28T12:00:00Z"), ticks)).to.deep.equal([
        at("2026-03-29T01:00:00Z"),
      ]);
    });

    it("runs once when its time comes twice in autumn", () => {
      const ticks = everyMinute(at("2026-10-24T22:00:00Z"), at("2026-10-25T12:00:00Z"));
      expect(simulate(daily("02:30"), at("2026-10-24T12:00:00Z"), ticks)).to.deep.equal([
        at("2026-10-25T00:30:00Z"),
      ]);
    });

    it("takes no second run from a clock that is set back by some seconds", () => {
      const history = { lastRunAt: at("2026-06-01T18:00:05Z"), watchedSince: longAgo };
      expect(isRunDue(daily("20:00"), history, at("2026-06-01T17:59:50Z"), berlin)).to.equal(false);
      expect(isRunDue(daily("20:00"), history, at("2026-06-01T18:00:01Z"), berlin)).to.equal(false);
    });

    it("does not wait for years when the last run was noted by a clock that was wrong", () => {
      const history = { lastRunAt: at("2031-01-01T00:00:00Z"), watchedSince: longAgo };
      expect(isRunDue(daily("20:00"), history, at("2026-06-01T12:00:00Z"), berlin)).to.equal(true);
    });

    it("runs exactly once a day, in the minute of its time or at the end of the gap, around every clock change", () => {
      fc.assert(
        fc.property(fc.constantFrom(...changeDays), fc.oneof(wallTime, nightlyTime), (day, time) => {
          const days = [addDays(day, -1), day, addDays(day, 1)];
          const from = wallTimeToInstant(addDays(day, -1), "00:00", berlin);
          const to = wallTimeToInstant(addDays(day, 2), "00:00", berlin);
          const runs = simulate(daily(time), new Date(from.getTime() - 1), everyMinute(from, to));
          expect(runs).to.deep.equal(days.map((each) => wallTimeToInstant(each, time, berlin)));
        }),
        { numRuns: 16 },
      );
    });

    it("runs at the first tick after each due time, once, however long it sleeps in between", () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...changeDays),
          fc.oneof(wallTime, nightlyTime),
          fc.array(fc.integer({ min: 1, max: 30 * 60 }), { minLength: 1, maxLength: 40 }),
          (day, time, sleepMinutes) => {
            const from = wallTimeToInstant(addDays(day, -1), "00:00", berlin);
            const ticks: Date[] = [];
            for (const minutes of sleepMinutes)
              ticks.push(new Date((ticks.at(-1) ?? from).getTime() + minutes * minuteMs));
            const runs = simulate(daily(time), from, ticks);
            let before = from;
            for (const tick of ticks) {
              const reached = [0, 1, 2, 3].some((back) => {
                const due = wallTimeToInstant(addDays(wallDate(tick, berlin), -back), time, berlin);
                return due > before && due <= tick;
              });
              expect(runs.includes(tick), tick.toISOString()).to.equal(reached);
              before = tick;
            }
          },
        ),
        { numRuns: 200 },
      );
    });

    it("names a next run that is due when it comes, and not a moment before", () => {
      fc.assert(
        fc.property(
          fc.constantFrom(...changeDays),
          fc.oneof(wallTime, nightlyTime),
          fc.integer({ min: 0, max: 2 * 1440 }),
          (day, time, minutes) => {
            const from = wallTimeToInstant(addDays(day, -1), "00:00", berlin);
            const now = new Date(from.getTime() + minutes * minuteMs);
            const history = { lastRunAt: now, watchedSince: longAgo };
            const next = nextRunAt(daily(time), history, now, berlin);
            expect(isRunDue(daily(time), history, next, berlin)).to.equal(true);
            expect(isRunDue(daily(time), history, new Date(next.getTime() - 1), berlin)).to.equal(false);
          },
        ),
      );
    });
  });
});
