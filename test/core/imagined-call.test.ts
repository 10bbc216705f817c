import { expect } from "chai";
import { explainImagined, partyBehind } from "../../src/core/imagined-call.ts";
import type { Rule } from "../../src/core/rule.ts";

const rule: Rule = {
  id: "sales",
  name: "Sales",
  enabled: true,
  members: [
    { extension: "10", name: "Alice", endpoints: ["PJSIP/alice"] },
    { extension: "11", name: "", endpoints: ["PJSIP/bob", "PJSIP/bob-mobile"] },
  ],
  directions: { incoming: true, outgoing: true, internal: false },
  whileOnHold: "stop",
  afterLeaving: "stop",
};
const dialling = { trunks: ["PJSIP/trunk"] };

const explained = (from: string, to: string, rules: readonly Rule[] = [rule], how = dialling) =>
  explainImagined({ from: partyBehind(from, rules, how), to: partyBehind(to, rules, how) }, rules, how);
const said = (...asked: Parameters<typeof explained>): string => {
  const { direction, outcome } = explained(...asked);
  return `${direction}: ${outcome.kind}, ${outcome.reason.code}`;
};

describe("a call that was never made", () => {
  it("is recorded by the rule that has the member and wants the direction", () => {
    expect(explained("0301234567", "10").outcome).to.deep.equal({
      kind: "recorded",
      reason: { code: "by-rule", params: { rule: "Sales" } },
    });
    expect(said("0301234567", "10")).to.equal("incoming: recorded, by-rule");
    expect(said("11", "0301234567")).to.equal("outgoing: recorded, by-rule");
  });

  it("is not due in a direction that the rule leaves out, and says which rule that is", () => {
    expect(explained("10", "11").outcome).to.deep.equal({
      kind: "not-due",
      reason: { code: "direction-off", params: { rule: "Sales", direction: "internal" } },
    });
    expect(said("12", "10")).to.equal("internal: not-due, direction-off");
  });

  it("is not due without a member, whoever calls whom", () => {
    expect(said("0301234567", "12")).to.equal("incoming: not-due, no-member");
    expect(said("12", "13")).to.equal("internal: not-due, no-member");
    expect(said("0301234567", "0307654321")).to.equal("incoming: not-due, no-member");
    expect(said("0301234567", "10", [])).to.equal("incoming: not-due, no-member");
  });

  it("is not due by a rule that is off", () => {
    expect(said("0301234567", "10", [{ ...rule, enabled: false }])).to.equal("incoming: not-due, rule-off");
  });

  it("is recorded where one of two members' rules wants it", () => {
    const service: Rule = {
      ...rule,
      id: "service",
      name: "Service",
      members: [{ extension: "20", name: "Carol", endpoints: ["PJSIP/carol"] }],
      directions: { incoming: false, outgoing: false, internal: true },
    };
    const { outcome, decisions } = explained("10", "20", [rule, service]);
    expect(outcome).to.deep.equal({
      kind: "recorded",
      reason: { code: "by-rule", params: { rule: "Service" } },
    });
    expect(decisions.map(({ member, decision }) => [member.extension, decision.record])).to.deep.equal([
      ["10", false],
      ["20", true],
    ]);
  });

  it("takes everybody for inside while no trunk is named, as the module does", () => {
    expect(said("0301234567", "10", [rule], { trunks: [] })).to.equal("internal: not-due, direction-off");
  });

  it("tells a number inside from one outside by its length", () => {
    expect(partyBehind("12", [rule], dialling)).to.deep.equal({ kind: "inside", number: "12" });
    expect(partyBehind("110", [rule], dialling)).to.deep.equal({ kind: "outside", number: "110" });
    expect(partyBehind("11", [rule], dialling)).to.deep.equal({ kind: "member", member: rule.members[1] });
  });
});
