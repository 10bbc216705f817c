import { expect } from "chai";
import { createConditions } from "../../src/core/conditions.ts";
import { createGrowthWatch } from "../../src/recording/growth-watch.ts";

const recordingId = "0123456789abcdef0123456789abcdef";

function openWatch() {
  const conditions = createConditions();
  const clock = { ms: 1000 };
  const file: { size: number | undefined } = { size: undefined };
  const watch = createGrowthWatch({
    spool: { openFolder: "/open", openPath: (id) => `/open/${id}.wav`, sizeOf: async () => file.size },
    conditions,
    // Set back an hour at every look.
    now: () => new Date(1e12 - clock.ms * 3600),
    monotonicMs: () => clock.ms,
  });
  return {
    file,
    codes: () => conditions.list().map((condition) => condition.code),
    look: async (afterMs: number, sinceMs = 1000) => {
      clock.ms += afterMs;
      await watch.check([{ recordingId, sinceMs }]);
    },
    quietForMs: (afterMs: number, sinceMs = 1000) => {
      clock.ms += afterMs;
      return watch.quietForMs({ recordingId, sinceMs });
    },
    lookAtNone: () => watch.check([]),
  };
}

describe("growth watch", () => {
  it("tells of a recording without a file, whatever the clock on the wall does, until there is one", async () => {
    const { look, codes, file } = openWatch();
    await look(0);
    await look(1900);
    expect(codes()).to.deep.equal([]);
    await look(200);
    expect(codes()).to.deep.equal(["recording-no-file"]);
    file.size = 44;
    await look(10);
    expect(codes()).to.deep.equal([]);
  });

  it("tells of a file that does not grow, until it does or is over", async () => {
    const { look, lookAtNone, codes, file } = openWatch();
    file.size = 44;
    await look(0);
    await look(15_000);
    expect(codes()).to.deep.equal(["recording-not-growing"]);
    file.size = 32_812;
    await look(2000);
    expect(codes()).to.deep.equal([]);
    await look(15_000);
    expect(codes()).to.deep.equal(["recording-not-growing"]);
    await lookAtNone();
    expect(codes()).to.deep.equal([]);
  });

  it("gives a recording that goes on after a hold its time", async () => {
    const { look, codes, file } = openWatch();
    file.size = 44;
    await look(0);
    await look(20_000, 20_000);
    expect(codes()).to.deep.equal([]);
  });

  it("says for how long a file has not grown, at the moment of asking", async () => {
    const { look, quietForMs, file } = openWatch();
    file.size = 44;
    expect(quietForMs(0)).to.equal(undefined);
    await look(0);
    expect(quietForMs(700_000)).to.equal(700_000);
    file.size = 32_812;
    await look(0);
    expect(quietForMs(100)).to.equal(100);
  });

  it("counts that from the last resume on", async () => {
    const { look, quietForMs, file } = openWatch();
    file.size = 44;
    await look(0);
    expect(quietForMs(50_000, 31_000)).to.equal(20_000);
  });
});
