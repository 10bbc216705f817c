import { expect } from "chai";
import { reconnectDelayMs } from "../../src/pbx/reconnect-delay.ts";

const schedule = (refused: boolean, random: number) =>
  Array.from({ length: 8 }, (_, i) => reconnectDelayMs({ failures: i + 1, refused, random }));

describe("reconnect delay", () => {
  it("grows from one second to one minute", () => {
    expect(schedule(false, 1)).to.eql([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it("is spread by up to a quarter", () => {
    expect(schedule(false, 0)).to.eql([750, 1_500, 3_000, 6_000, 12_000, 24_000, 45_000, 45_000]);
  });

  it("is longer after a refused login, which the PBX logs and fail2ban counts", () => {
    expect(schedule(true, 1)).to.eql([30_000, 60_000, 120_000, 240_000, 300_000, 300_000, 300_000, 300_000]);
  });

  it("stays at its cap after years of failures", () => {
    expect(reconnectDelayMs({ failures: 1e9, refused: false, random: 1 })).to.equal(60_000);
  });
});
