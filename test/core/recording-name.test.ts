import { expect } from "chai";
import fc from "fast-check";
import { recordingName } from "../../src/core/recording-name.ts";

const facts = {
  startedAt: new Date("2026-11-02T13:05:09Z"),
  timeZone: "Europe/Berlin",
  fromNumber: "0301234567",
  toNumber: "10",
  copy: 1,
};

describe("recording name", () => {
  it("carries date, time and both numbers, on the wall clock of the time zone", () => {
    expect(recordingName(facts)).to.equal("Aufnahme_2026-11-02_14-05-09_0301234567_10.wav");
    expect(recordingName({ ...facts, timeZone: "Asia/Tokyo" })).to.contain("_2026-11-02_22-05-09_");
  });

  it("writes midnight as 00, never as 24", () => {
    const startedAt = new Date("2026-11-01T23:00:00Z");
    expect(recordingName({ ...facts, startedAt })).to.contain("_2026-11-02_00-00-00_");
  });

  it("adds a number for a name that is taken", () => {
    expect(recordingName({ ...facts, copy: 2 })).to.equal("Aufnahme_2026-11-02_14-05-09_0301234567_10_2.wav");
  });

  it("keeps the plus of an international number and drops what a file system or a shell might mind", () => {
    expect(recordingName({ ...facts, fromNumber: "+49 30 1234567" })).to.contain("_+49301234567_10.wav");
    expect(recordingName({ ...facts, fromNumber: "`rm -rf`;$(x)/../*#\r\n<|>" })).to.contain("_rmrfx_10.wav");
  });

  it("calls a caller without a number anonym", () => {
    expect(recordingName({ ...facts, fromNumber: "" })).to.contain("_anonym_10.wav");
  });

  it("is harmless and short, whatever the numbers are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (fromNumber, toNumber) => {
        const name = recordingName({ ...facts, fromNumber, toNumber });
        expect(name).to.match(/^Aufnahme_2026-11-02_14-05-09_[0-9A-Za-z+]{1,32}_[0-9A-Za-z+]{1,32}\.wav$/);
      }),
    );
  });
});
