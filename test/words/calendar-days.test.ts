import { expect } from "chai";
import fc from "fast-check";
import { addDays, dayOf, dayRange, isDay, startOfDay } from "../../src/words/calendar-days.ts";

const iso = (ms: number): string => new Date(ms).toISOString();

describe("calendar days", () => {
  it("begins a day at its midnight on the wall clock", () => {
    expect(iso(startOfDay("2026-11-22", "Europe/Berlin"))).to.equal("2026-11-21T23:00:00.000Z");
    expect(iso(startOfDay("2026-07-01", "Europe/Berlin"))).to.equal("2026-06-30T22:00:00.000Z");
    expect(iso(startOfDay("2026-07-01", "Pacific/Kiritimati"))).to.equal("2026-06-30T10:00:00.000Z");
  });

  it("knows the days of 23 and of 25 hours", () => {
    const hours = (day: string): number => {
      const { fromMs, toMs } = dayRange(day, day, "Europe/Berlin");
      return (toMs - fromMs) / 3_600_000;
    };
    expect(hours("2026-03-29")).to.equal(23);
    expect(hours("2026-10-25")).to.equal(25);
    expect(hours("2026-10-26")).to.equal(24);
  });

  it("begins a day without a midnight at its first instant", () => {
    expect(iso(startOfDay("2018-11-04", "America/Sao_Paulo"))).to.equal("2018-11-04T03:00:00.000Z");
  });

  it("puts every instant into the day that begins before it and ends after it", () => {
    const zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"];
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2028, 0, 1) }),
        fc.constantFrom(...zones),
        (atMs, zone) => {
          const day = dayOf(atMs, zone);
          const { fromMs, toMs } = dayRange(day, day, zone);
          expect(atMs).to.be.at.least(fromMs);
          expect(atMs).to.be.below(toMs);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("accepts real days only", () => {
    expect(["2026-02-28", "2028-02-29"].every(isDay)).to.equal(true);
    for (const text of [
      "2026-02-29",
      "2026-13-01",
      "26-1-1",
      "2026-1-1",
      "",
      "2026-11-22T00:00",
      "0000-01-01",
    ])
      expect(isDay(text), text).to.equal(false);
  });

  it("counts over the ends of months and years", () => {
    expect(addDays("2026-12-31", 1)).to.equal("2027-01-01");
    expect(addDays("2026-03-01", -1)).to.equal("2026-02-28");
  });
});
