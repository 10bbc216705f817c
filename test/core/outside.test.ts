import { expect } from "chai";
import type { CallEvent, ChannelFacts } from "../../src/core/call-event.ts";
import { createCallTracker } from "../../src/core/call-tracker.ts";
import { planOutside, type RecordingSubject } from "../../src/core/recording-plan.ts";
import type { Rule } from "../../src/core/rule.ts";
import { rule } from "../support/replay.ts";

const at = new Date("2026-11-20T09:00:00Z");

const facts = (uniqueid: string, name: string): ChannelFacts => ({
  uniqueid,
  linkedid: "1.0",
  name: `PJSIP/${name}-0000000${uniqueid.at(-1)}`,
  up: true,
  callerNumber: "",
  callerName: "",
  connectedNumber: "",
  connectedName: "",
  context: "",
  exten: "",
});

const trunk = facts("1.0", "trunk");
const dave = facts("1.1", "dave");
const alice = facts("1.2", "alice");
const carol = facts("1.3", "carol");

const enters = (channel: ChannelFacts, bridgeId: string, bridgeKind: "direct" | "holding" = "direct") =>
  ({ type: "BridgeEnter", at, bridgeId, bridgeKind, channel }) as const;

/** What is wanted of those outside, after these events, when these have talked with a member before. */
function planAfter(
  events: readonly CallEvent[],
  change: Partial<Rule> = {},
  former: readonly ChannelFacts[] = [trunk],
) {
  const tracker = createCallTracker();
  for (const event of events) tracker.apply(event);
  const subject: RecordingSubject = {
    rule: rule({ afterLeaving: "record", ...change }),
    memberExtension: "10",
    direction: "incoming",
    fromNumber: "0301",
    toNumber: "10",
  };
  const followed = new Map(former.map(({ uniqueid }) => [uniqueid, subject]));
  return [...tracker.calls()]
    .flatMap((call) => planOutside(call, followed))
    .map(({ channel, heard, key }) => [channel.uniqueid, heard.map((peer) => peer.uniqueid).join(), key]);
}

describe("a conversation that has left its group", () => {
  it("goes on to be recorded on the channel of who was outside", () => {
    expect(planAfter([enters(trunk, "b"), enters(dave, "b")])).to.deep.equal([["1.0", "1.1", "1.1"]]);
  });

  it("is the member's again when one is there", () => {
    expect(planAfter([enters(trunk, "b"), enters(alice, "b")])).to.deep.equal([]);
    expect(planAfter([enters(trunk, "b"), enters(dave, "b"), enters(alice, "b")])).to.deep.equal([]);
  });

  it("is recorded once where both of those who talk were outside parties", () => {
    const plan = planAfter([enters(trunk, "b"), enters(carol, "b")], {}, [trunk, carol]);
    expect(plan).to.deep.equal([
      ["1.0", "1.3", "1.3"],
      ["1.3", "", ""],
    ]);
  });

  it("stands still on hold, unless the rule says otherwise", () => {
    const held: CallEvent[] = [enters(trunk, "b"), enters(dave, "b"), { type: "Hold", at, channel: dave }];
    expect(planAfter(held)).to.deep.equal([["1.0", "", ""]]);
    expect(planAfter(held, { whileOnHold: "record" })).to.deep.equal([["1.0", "1.1", "1.1~"]]);
  });

  it("stands still in a parking lot, unless the rule says otherwise", () => {
    const parked = [enters(trunk, "lot", "holding")];
    expect(planAfter(parked)).to.deep.equal([["1.0", "", ""]]);
    expect(planAfter(parked, { whileOnHold: "record" })).to.deep.equal([["1.0", "", "parked"]]);
  });

  it("is nobody's who never talked with a member", () => {
    expect(planAfter([enters(trunk, "b"), enters(dave, "b")], {}, [carol])).to.deep.equal([]);
  });
});
