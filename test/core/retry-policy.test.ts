import { expect } from "chai";
import fc from "fast-check";
import { farthestRetryMs, retryDelayMs } from "../../src/core/retry-policy.ts";

const minuteMs = 60_000;
const middle = 0.5;

describe("retry policy", () => {
  it("waits a minute after the first failure and doubles with each further one", () => {
    const delays = [1, 2, 3, 4, 5].map((failures) => retryDelayMs({ failures, random: middle }));
    expect(delays).to.deep.equal([1, 2, 4, 8, 16].map((minutes) => minutes * minuteMs));
  });

  it("never waits longer than six hours, however often it failed", () => {
    for (const failures of [10, 50, 1_000_000])
      expect(retryDelayMs({ failures, random: middle })).to.equal(360 * minuteMs);
  });

  it("spreads by a fifth to either side", () => {
    expect(retryDelayMs({ failures: 1, random: 0 })).to.equal(48_000);
    expect(retryDelayMs({ failures: 1, random: 1 })).to.equal(72_000);
  });

  it("does not try sooner than after half an hour what only a person can mend", () => {
    expect(retryDelayMs({ failures: 1, random: middle, slow: true })).to.equal(30 * minuteMs);
    expect(retryDelayMs({ failures: 7, random: middle, slow: true })).to.equal(64 * minuteMs);
  });

  it("stays within the farthest retry for every count and every random", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.double({ min: 0, max: 0.999_999, noNaN: true }),
        fc.boolean(),
        (failures, random, slow) => {
          const delayMs = retryDelayMs({ failures, random, slow });
          expect(delayMs).to.be.within(0.8 * minuteMs, farthestRetryMs);
        },
      ),
    );
  });
});
