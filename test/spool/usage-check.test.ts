import { expect } from "chai";
import { createConditions } from "../../src/core/conditions.ts";
import type { Deviation } from "../../src/spool/disk-usage.ts";
import { createUsageCheck } from "../../src/spool/usage-check.ts";

const mib = 1024 * 1024;

function openCheck() {
  const conditions = createConditions();
  const logged: object[] = [];
  const found: { deviation: Deviation } = { deviation: { openBytes: 0, transferBytes: 0 } };
  const usageCheck = createUsageCheck({
    usage: { compare: async () => found.deviation },
    transferFolder: "/data/spool/transfer",
    conditions,
    log: { info: (fields) => void logged.push(fields) },
    now: () => new Date("2026-11-20T03:30:00Z"),
  });
  return {
    usageCheck,
    conditions,
    logged,
    check: async (deviation: Partial<Deviation> = {}) => {
      found.deviation = { openBytes: 0, transferBytes: 0, ...deviation };
      await usageCheck.check();
      return conditions.list().map(({ message }) => message);
    },
  };
}

describe("comparison of the sums with the disk", () => {
  it("is silent where they agree", async () => {
    const { check, logged } = openCheck();
    expect(await check()).to.deep.equal([]);
    expect(logged).to.deep.equal([]);
  });

  it("notes a small deviation in the log and troubles nobody", async () => {
    const { check, logged, usageCheck } = openCheck();
    expect(await check({ transferBytes: -3 * mib, openBytes: 12 })).to.deep.equal([]);
    expect(logged).to.deep.equal([{ openBytes: 12, transferBytes: -3 * mib }]);
    expect(usageCheck.deviates()).to.equal(false);
  });

  it("asks somebody to look where much was taken away, until a comparison finds nothing any more", async () => {
    const { check, usageCheck } = openCheck();
    expect(await check({ transferBytes: -250 * mib })).to.deep.equal([
      "250 MiB were taken out of /data/spool/transfer, and not by Mitschnitt",
    ]);
    expect(usageCheck.deviates()).to.equal(true);
    expect(await check()).to.deep.equal([]);
    expect(usageCheck.deviates()).to.equal(false);
  });

  it("says so where much was put there", async () => {
    const { check } = openCheck();
    expect(await check({ transferBytes: 100 * mib })).to.deep.equal([
      "100 MiB were put into /data/spool/transfer, and not by Mitschnitt",
    ]);
  });

  it("leaves files among the recordings in progress to whom it concerns", async () => {
    const { check } = openCheck();
    expect(await check({ openBytes: 900 * mib })).to.deep.equal([]);
  });
});
