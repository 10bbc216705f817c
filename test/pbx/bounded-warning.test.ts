import { expect } from "chai";
import { createBoundedWarning } from "../../src/pbx/bounded-warning.ts";
import { createManualClock } from "./manual-clock.ts";

describe("bounded warning", () => {
  it("writes one line a minute and says how many it left out", () => {
    const clock = createManualClock();
    const lines: object[] = [];
    const log = { info: () => {}, warn: (fields: object) => lines.push(fields) };
    const warn = createBoundedWarning({ log, clock, message: "trouble" });
    for (let i = 0; i < 1_000; i += 1) warn({ i });
    clock.advance(60_000);
    warn({ i: 1_000 });
    clock.advance(60_000);
    warn({ i: 1_001 });
    expect(lines).to.eql([{ i: 0 }, { i: 1_000, suppressed: 999 }, { i: 1_001 }]);
  });
});
