import { expect } from "chai";
import { PbxError } from "../../src/core/errors.ts";
import { startKeepAlive } from "../../src/pbx/keep-alive.ts";
import { createManualClock } from "./manual-clock.ts";

function failing(code: string) {
  return () => Promise.reject(new PbxError(code, { code, hint: "" }));
}

function setUp(ping: () => Promise<unknown>) {
  const clock = createManualClock();
  let pings = 0;
  let silences = 0;
  const end = startKeepAlive({
    clock,
    everyMs: 15_000,
    ping: () => {
      pings += 1;
      return ping();
    },
    onSilence: () => {
      silences += 1;
    },
  });
  const advance = async (ms: number) => {
    clock.advance(ms);
    // Lets the answer of the ping arrive.
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { advance, end, pings: () => pings, silences: () => silences, timers: clock.pending };
}

describe("keep-alive", () => {
  it("asks again and again while answers come", async () => {
    const { advance, pings, silences } = setUp(() => Promise.resolve());
    for (let i = 0; i < 3; i += 1) await advance(15_000);
    expect([pings(), silences()]).to.eql([3, 0]);
  });

  it("reports silence once, and asks no more", async () => {
    const { advance, pings, silences, timers } = setUp(failing("pbx-timeout"));
    for (let i = 0; i < 3; i += 1) await advance(15_000);
    expect([pings(), silences(), timers()]).to.eql([1, 1, []]);
  });

  it("takes a ping that could not be sent for no sign of silence", async () => {
    const { advance, pings, silences } = setUp(failing("pbx-busy"));
    for (let i = 0; i < 3; i += 1) await advance(15_000);
    expect([pings(), silences()]).to.eql([3, 0]);
  });

  it("leaves no timer behind when it is ended, nor when it is ended during a ping", async () => {
    const early = setUp(() => Promise.resolve());
    early.end();
    expect(early.timers()).to.eql([]);

    let answer = () => {};
    const during = setUp(
      () =>
        new Promise<void>((resolve) => {
          answer = resolve;
        }),
    );
    await during.advance(15_000);
    during.end();
    answer();
    await during.advance(15_000);
    expect([during.timers(), during.pings()]).to.eql([[], 1]);
  });
});
