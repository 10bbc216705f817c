import { expect } from "chai";
import {
  createFormats,
  formatClockDuration,
  formatDuration,
  roughDuration,
} from "../../src/words/formats.ts";
import { createWords } from "../../src/words/words.ts";

const at = (text: string): number => Date.parse(text);

describe("formats", () => {
  const german = createFormats("de", "Europe/Berlin");
  const english = createFormats("en", "Europe/Berlin");

  it("writes times as the reader does, by the wall clock of the settings", () => {
    expect(german.dateTime(at("2026-11-22T12:50:07Z"))).to.equal("22.11.2026 13:50:07");
    expect(english.dateTime(at("2026-11-22T12:50:07Z"))).to.equal("2026-11-22 13:50:07");
    expect(german.timeOfDay(at("2026-11-21T23:00:00Z"))).to.equal("00:00");
  });

  it("follows the clock changes of spring and autumn", () => {
    expect(german.dateTime(at("2026-03-29T00:59:59Z"))).to.equal("29.03.2026 01:59:59");
    expect(german.dateTime(at("2026-03-29T01:00:00Z"))).to.equal("29.03.2026 03:00:00");
    expect(german.dateTime(at("2026-10-25T00:30:00Z"))).to.equal("25.10.2026 02:30:00");
    expect(german.dateTime(at("2026-10-25T01:30:00Z"))).to.equal("25.10.2026 02:30:00");
  });

  it("writes lengths as 3:07, and with hours where a spreadsheet reads them", () => {
    expect(formatDuration(187_000)).to.equal("3:07");
    expect(formatDuration(3_787_400)).to.equal("1:03:07");
    expect(formatClockDuration(187_000)).to.equal("0:03:07");
    expect(formatClockDuration(-5)).to.equal("0:00:00");
    expect(formatClockDuration(100 * 3_600_000)).to.equal("100:00:00");
  });

  it("writes sizes with the reader's comma", () => {
    expect(german.bytes(4_230_000_000)).to.equal("4,2\u00a0GB");
    expect(english.bytes(999)).to.equal("999\u00a0B");
    expect(english.bytes(999_600)).to.equal("1\u00a0MB");
  });

  it("says a length roughly, as one says it", () => {
    expect(roughDuration(createWords("de"), 2 * 3_600_000)).to.equal("2 Stunden");
    expect(roughDuration(createWords("de"), 3 * 86_400_000)).to.equal("3 Tagen");
    expect(roughDuration(createWords("en"), 60_000)).to.equal("60 seconds");
    expect(roughDuration(createWords("en"), 1000)).to.equal("1 second");
  });
});
