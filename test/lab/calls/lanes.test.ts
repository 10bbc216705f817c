import { expect } from "chai";
import { createLanes } from "../../../lab/calls/lanes.ts";

/** A second of speech. */
const second = 8_000;

describe("lanes of voices", () => {
  it("give each stream moments of its own, also while others go on speaking", () => {
    const lanes = createLanes();
    const streams = Array.from({ length: 30 }, (_, at) => lanes.open("anna", at % 4));
    for (const [at, lane] of streams.entries()) {
      for (const earlier of streams.slice(Math.max(0, at - 12), at + 1))
        earlier.sound((at % 3) * second, second);
      if (at > 12) streams[at - 13]?.end();
      lane.sound(0, second);
    }
    const ranges = lanes
      .all()
      .flatMap(({ start, spokenUntilMs }) =>
        start === undefined ? [] : [{ band: start.band, fromMs: start.ms, untilMs: spokenUntilMs }],
      );
    for (const one of ranges) {
      const others = ranges.filter((other) => other !== one && other.band === one.band);
      expect(others.filter(({ fromMs, untilMs }) => fromMs < one.untilMs && one.fromMs < untilMs)).to.eql([]);
    }
  });

  it("give no band twice to those who speak in one room", () => {
    const lanes = createLanes();
    const streams = Array.from({ length: 9 }, () => lanes.open("ben", 1));
    for (const lane of streams) lane.sound(0, second);
    expect(new Set(streams.map(({ start }) => start?.band)).size).to.equal(9);
    lanes.check();
    lanes.open("ben", 1).sound(0, second);
    expect(() => lanes.check()).to.throw("ran into the moments of another");
  });

  it("say so when one speaks for longer than there was room", () => {
    const lanes = createLanes();
    lanes.open("ben", 1).sound(0, 51 * second);
    expect(() => lanes.check()).to.throw("ran into the moments of another");
  });

  it("know whose moment it is", () => {
    const lanes = createLanes();
    const lane = lanes.open("cora", 1);
    expect(lane.start).to.equal(undefined);
    lane.sound(0, second);
    const { band, ms } = lane.start ?? { band: 0, ms: 0 };
    expect(lanes.at({ band, ms: ms + 500 })).to.equal(lane);
    expect(lanes.at({ band, ms: ms + 5_000 })).to.equal(undefined);
    expect(lanes.at({ band: (band + 1) % 9, ms })).to.equal(undefined);
  });
});
