import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect } from "chai";
import { createEndlessDays } from "../../lab/imagined/endless-days.ts";
import type { CallFacts } from "../../src/core/call.ts";
import { type CallTracker, createCallTracker } from "../../src/core/call-tracker.ts";

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

/** Enough that the tracker's list of lately ended channels is full. */
const eventsToSettle = 60_000;
const eventsPerDay = 5_000;

const liveUntil = (
  tracker: CallTracker,
  days: ReturnType<typeof createEndlessDays>,
  leastEvents: number,
  seen: (call: CallFacts) => void = () => undefined,
): number => {
  let channels = 0;
  for (let events = 0; events < leastEvents; ) {
    const day = days.nextDay(eventsPerDay);
    for (const event of day) {
      if (event.type === "Newchannel") channels++;
      tracker.apply(event).forEach(seen);
    }
    events += day.length;
  }
  return channels;
};

const heapBytes = (): number => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

describe("the call tracker's memory", function () {
  this.timeout(60_000);

  it("lets go of every call that has ended", async () => {
    const tracker = createCallTracker();
    const calls = new Map<string, WeakRef<CallFacts>>();
    liveUntil(tracker, createEndlessDays(1), 20_000, (call) => {
      if (!calls.has(call.linkedid)) calls.set(call.linkedid, new WeakRef(call));
    });
    // A WeakRef that was just made holds its target until this turn is over.
    await new Promise(setImmediate);
    collectGarbage();
    expect([...tracker.calls()]).to.deep.equal([]);
    expect(calls.size).to.be.above(1000);
    expect([...calls].filter(([, ref]) => ref.deref() !== undefined).map(([id]) => id)).to.deep.equal([]);
  });

  it("does not grow with the number of channels that came and went", () => {
    const [tracker, days] = [createCallTracker(), createEndlessDays(2)];
    liveUntil(tracker, days, eventsToSettle);
    const before = heapBytes();
    const channels = liveUntil(tracker, days, 200_000);
    // An entry in a Map takes some 50 bytes, and one for each channel would be the least that could be left over.
    expect((heapBytes() - before) / channels, `bytes for each of ${channels} channels`).to.be.below(10);
    expect([...tracker.calls()]).to.deep.equal([]);
  });
});
