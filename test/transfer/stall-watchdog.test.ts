import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { createStallWatchdog, type StallWatchdog } from "../../src/transfer/stall-watchdog.ts";
import { until } from "../support/until.ts";

const stallMs = 60;

describe("stall watchdog", () => {
  let stalls = 0;
  let watchdog: StallWatchdog;
  beforeEach(() => {
    stalls = 0;
    watchdog = createStallWatchdog(stallMs, () => {
      stalls += 1;
    });
  });
  afterEach(() => watchdog.stop());

  /** Reports every few milliseconds for three times the stall time. */
  const report = async (bytesOf: (step: number) => number): Promise<void> => {
    const end = performance.now() + 3 * stallMs;
    for (let step = 0; performance.now() < end; step++) {
      watchdog.moved({ phase: "send", bytes: bytesOf(step) });
      await sleep(5);
    }
  };

  it("ends what says nothing", () => until("it is ended", () => stalls === 1, 1000));

  it("lets go on what moves", async () => {
    await report((step) => step * 64 * 1024);
    expect(stalls).to.equal(0);
  });

  it("ends what takes a byte at a time", async () => {
    await report((step) => step);
    expect(stalls).to.equal(1);
  });

  it("lets go on what begins a new phase, or the same one again", async () => {
    await report((step) => (step % 2) * 10);
    expect(stalls).to.equal(0);
  });

  it("ends nothing that has ended", async () => {
    watchdog.stop();
    await sleep(2 * stallMs);
    expect(stalls).to.equal(0);
  });
});
