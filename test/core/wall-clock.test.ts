import { expect } from "chai";
import fc from "fast-check";
import { addDays, wallDate, wallTimeToInstant } from "../../src/core/wall-clock.ts";

const berlin = "Europe/Berlin";
const on = (year: number, month: number, day: number) => ({ year, month, day });

describe("wall clock", () => {
  it("knows winter and summer time", () => {
    expect(wallTimeToInstant(on(2026, 1, 15), "20:00", berlin)).to.deep.equal(
      new Date("2026-01-15T19:00:00Z"),
    );
    expect(wallTimeToInstant(on(2026, 7, 15), "20:00", berlin)).to.deep.equal(
      new Date("2026-07-15T18:00:00Z"),
    );
  });

  it("takes the moment of the change for a time that is left out in spring", () => {
    for (const time of ["02:00", "02:30", "02:59"])
      expect(wallTimeToInstant(on(2026, 3, 29), time, berlin), time).to.deep.equal(
        new Date("2026-03-29T01:00:00Z"),
      );
  });

  it("keeps the times next to the spring gap", () => {
    expect(wallTimeToInstant(on(2026, 3, 29), "01:59", berlin)).to.deep.equal(
      new Date("2026-03-29T00:59:00Z"),
    );
    expect(wallTimeToInstant(on(2026, 3, 29), "03:00", berlin)).to.deep.equal(
      new Date("2026-03-29T01:00:00Z"),
    );
  });

  it("takes the first of the two for a time that comes twice in autumn", () => {
    expect(wallTimeToInstant(on(2026, 10, 25), "02:30", berlin)).to.deep.equal(
      new Date("2026-10-25T00:30:00Z"),
    );
    expect(wallTimeToInstant(on(2026, 10, 25), "03:00", berlin)).to.deep.equal(
      new Date("2026-10-25T02:00:00Z"),
    );
  });

  it("is right where the clock is changed by half an hour, at midnight, and south of the equator", () => {
    // Lord Howe: on 2026-10-04 at 02:00 put on to 02:30 (+10:30 → +11:00).
    expect(wallTimeToInstant(on(2026, 10, 4), "02:15", "Australia/Lord_Howe")).to.deep.equal(
      new Date("2026-10-03T15:30:00Z"),
    );
    // Cairo: on 2026-04-24 at 00:00 put on to 01:00 (+2 → +3).
    expect(wallTimeToInstant(on(2026, 4, 24), "00:30", "Africa/Cairo")).to.deep.equal(
      new Date("2026-04-23T22:00:00Z"),
    );
  });

  it("names the date that the wall shows, not that of Greenwich", () => {
    expect(wallDate(new Date("2026-06-30T22:30:00Z"), berlin)).to.deep.equal(on(2026, 7, 1));
  });

  it("counts days over the ends of months and years", () => {
    expect(addDays(on(2026, 12, 31), 1)).to.deep.equal(on(2027, 1, 1));
    expect(addDays(on(2028, 3, 1), -1)).to.deep.equal(on(2028, 2, 29));
  });

  it("finds an instant of that very date for every time in every zone", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(berlin, "America/New_York", "Asia/Kathmandu", "America/Santiago", "Africa/Cairo"),
        fc.integer({ min: 0, max: 364 }),
        fc.integer({ min: 0, max: 1439 }),
        (zone, dayOfYear, minute) => {
          const date = addDays(on(2026, 1, 1), dayOfYear);
          const time = `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
          expect(wallDate(wallTimeToInstant(date, time, zone), zone)).to.deep.equal(date);
        },
      ),
    );
  });
});
