import { expect } from "chai";
import { createConditions } from "../../src/core/conditions.ts";
import { createTamperingWatch } from "../../src/pbx/tampering-watch.ts";
import { createManualClock } from "./manual-clock.ts";

describe("tampering watch", () => {
  it("raises one condition, says when a call was lost, and clears it ten minutes after the last forgery", () => {
    const conditions = createConditions();
    const clock = createManualClock();
    const watch = createTamperingWatch({ conditions, clock });
    const told = () => conditions.list().map(({ code, message }) => [code, /is followed/.test(message)]);

    watch.noticed({ event: "Hangup", isMended: true });
    expect(told()).to.eql([["pbx-forged-events", true]]);
    watch.noticed({ event: "Newstate", isMended: false });
    watch.noticed({ event: "Hangup", isMended: true });
    expect(told()).to.eql([["pbx-forged-events", false]]);

    clock.advance(9 * 60_000);
    watch.noticed({ event: "Hangup", isMended: true });
    clock.advance(9 * 60_000);
    expect(told()).to.eql([["pbx-forged-events", false]]);
    clock.advance(60_000);
    expect(told()).to.eql([]);
    watch.noticed({ event: "Hangup", isMended: true });
    expect(told()).to.eql([["pbx-forged-events", true]]);

    watch.stop();
    expect(clock.pending()).to.eql([]);
  });
});
