import { expect } from "chai";
import { concludeCall } from "../../src/core/outcome.ts";
import { reason } from "../../src/core/reason.ts";
import { members, replay, rule } from "../support/replay.ts";
import { readTrace } from "../support/trace.ts";

const outcomeOf = (trace: string, ...rules: Parameters<typeof replay>[1] & object) => {
  const [outcome] = replay(readTrace(trace), rules).outcomes.values();
  return outcome && `${outcome.kind}: ${outcome.reason.code}`;
};

describe("outcome of a call", () => {
  it("says why nothing was due", () => {
    expect(outcomeOf("a22-abandon", rule())).to.equal("not-due: abandoned");
    expect(outcomeOf("a22-busy", rule())).to.equal("not-due: busy");
    expect(outcomeOf("a22-internal")).to.equal("not-due: no-member");
    expect(outcomeOf("a22-internal", rule({ members: [members.carol] }))).to.equal("not-due: no-member");
    expect(outcomeOf("a22-internal", rule({ enabled: false }))).to.equal("not-due: rule-off");
    const onlyOutside = { incoming: true, outgoing: true, internal: false };
    expect(outcomeOf("a22-internal", rule({ directions: onlyOutside }))).to.equal("not-due: direction-off");
  });

  it("is recorded when the recording is there", () => {
    expect(outcomeOf("a22-outbound", rule())).to.equal("recorded: by-rule");
  });

  it("fails as soon as one of several recordings is missing", () => {
    const outcome = concludeCall({
      call: undefined,
      decisions: [],
      results: [
        { state: "finished", ruleName: "Sales" },
        { state: "failed", reason: reason("no-audio") },
      ],
    });
    expect(outcome).to.deep.equal({ kind: "failed", reason: { code: "no-audio", params: {} } });
  });

  it("fails when a recording was due and there is none", () => {
    const decisions = [{ record: true, rule: rule(), reason: reason("by-rule") } as const];
    expect(concludeCall({ call: undefined, decisions, results: [] }).kind).to.equal("failed");
  });

  it("knows an answered call also by its bridge, where nobody saw the answer", () => {
    const events = readTrace("a22-internal").filter((event) => !event.type.startsWith("Dial"));
    const [outcome] = replay(events, [rule({ members: [members.carol] })]).outcomes.values();
    expect(outcome).to.deep.equal({ kind: "not-due", reason: { code: "no-member", params: {} } });
  });

  it("is nothing to be missed where there was nothing to record", () => {
    const nothing = { state: "nothing", reason: reason("too-short") } as const;
    const decisions = [{ record: true, rule: rule(), reason: reason("by-rule") } as const];
    expect(concludeCall({ call: undefined, decisions, results: [nothing] })).to.deep.equal({
      kind: "not-due",
      reason: { code: "too-short", params: {} },
    });
    const finished = { state: "finished", ruleName: "Sales" } as const;
    expect(concludeCall({ call: undefined, decisions, results: [nothing, finished] }).kind).to.equal(
      "recorded",
    );
  });

  it("owns up to a call that nobody watched to its end", () => {
    expect(concludeCall({ call: undefined, decisions: [], results: [] })).to.deep.equal({
      kind: "failed",
      reason: { code: "unobserved", params: {} },
    });
  });
});
