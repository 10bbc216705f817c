import { expect } from "chai";
import fc from "fast-check";
import type { CallEvent, ChannelFacts } from "../../src/core/call-event.ts";
import { createCallTracker } from "../../src/core/call-tracker.ts";
import { conversationsOf } from "../../src/core/conversation.ts";
import { decideRecording, indexMembers } from "../../src/core/recording-decision.ts";
import { planRecordings } from "../../src/core/recording-plan.ts";
import { dialling, members, replay, rule } from "../support/replay.ts";
import { readTrace } from "../support/trace.ts";

const steps = (events: readonly CallEvent[], ...rules: Parameters<typeof replay>[1] & object) =>
  replay(events, rules.length > 0 ? rules : [rule()]).steps.map(({ channel, heard, wanted }) => ({
    channel,
    heard: heard !== "",
    direction: wanted.subject.direction,
    from: wanted.subject.fromNumber,
    to: wanted.subject.toNumber,
  }));

describe("recording plan over recorded traces", () => {
  it("records the member who answers a ring group, on his own channel", () => {
    expect(steps(readTrace("a22-inbound-group"))).to.deep.equal([
      { channel: "PJSIP/alice", heard: true, direction: "incoming", from: "0301234567", to: "10" },
    ]);
  });

  it("records an outgoing call with the number that was dialled", () => {
    expect(steps(readTrace("a22-outbound"))).to.deep.equal([
      { channel: "PJSIP/alice", heard: true, direction: "outgoing", from: "10", to: "003099" },
    ]);
  });

  it("records two members who talk with each other once", () => {
    expect(steps(readTrace("a22-internal"))).to.deep.equal([
      { channel: "PJSIP/alice", heard: true, direction: "internal", from: "10", to: "11" },
    ]);
  });

  it("records on the called member's channel when only he belongs to the group", () => {
    expect(steps(readTrace("a22-internal"), rule({ members: [members.bob] }))).to.deep.equal([
      { channel: "PJSIP/bob", heard: true, direction: "internal", from: "10", to: "11" },
    ]);
  });

  it("follows a blind transfer to another member, from his answer on", () => {
    expect(
      steps(readTrace("a22-blind-transfer-refer")).map(({ channel, from, to }) => [channel, from, to]),
    ).to.deep.equal([
      ["PJSIP/alice", "0301234567", "10"],
      ["PJSIP/bob", "0301234567", "11"],
    ]);
  });

  it("wants nobody to be heard while somebody is on hold", () => {
    const onHold = rule({ members: [{ extension: "21", name: "", endpoints: ["PJSIP/ua1"] }] });
    const heard = replay(readTrace("a22-hold"), [onHold]).steps.map((step) => step.heard !== "");
    expect(heard).to.include(false);
    expect(heard[0]).to.equal(true);
  });

  it("takes a member up anew after his hold in a conference, where the rule records through it", () => {
    const at = new Date("2026-11-20T09:00:00Z");
    const of = (uniqueid: string, endpoint: string): ChannelFacts => ({
      uniqueid,
      linkedid: "1.0",
      name: `PJSIP/${endpoint}-${uniqueid}`,
      up: true,
      callerNumber: "",
      callerName: "",
      connectedNumber: "",
      connectedName: "",
      context: "",
      exten: "",
    });
    const [alice, trunk] = [of("1.0", "alice"), of("1.1", "trunk")];
    const tracker = createCallTracker();
    const through = rule({ whileOnHold: "record" });
    const keyAfter = (...events: readonly CallEvent[]): string | undefined => {
      for (const event of events) tracker.apply(event);
      const decided = [...tracker.calls()].flatMap((call) =>
        conversationsOf(call, indexMembers([through]), dialling).map((conversation) => ({
          conversation,
          decision: decideRecording(conversation, [through]),
        })),
      );
      return planRecordings(decided)[0]?.key;
    };
    const enters = (channel: ChannelFacts): CallEvent => ({
      type: "BridgeEnter",
      at,
      bridgeId: "room",
      bridgeKind: "softmix",
      channel,
    });
    const talking = keyAfter(enters(alice), enters(trunk));
    const holding = keyAfter({ type: "Hold", at, channel: alice });
    expect(keyAfter({ type: "Hold", at, channel: trunk })).to.equal(holding);
    expect(holding).to.not.equal(talking);
    expect(keyAfter({ type: "Unhold", at, channel: alice })).to.equal(talking);
  });

  it("never wants anything of calls that nobody answered", () => {
    for (const name of ["a22-abandon", "a22-busy"]) expect(steps(readTrace(name))).to.deep.equal([]);
  });
});

describe("recording plan over random settings", () => {
  const names = [
    "a22-inbound-group",
    "a22-outbound",
    "a22-internal",
    "a22-two-members",
    "a22-blind-transfer-refer",
  ];
  const anyRule = fc.record({
    enabled: fc.boolean(),
    members: fc.subarray([members.alice, members.bob, members.carol]),
    directions: fc.record({ incoming: fc.boolean(), outgoing: fc.boolean(), internal: fc.boolean() }),
  });

  it("records only members of an enabled rule, in a direction that it wants", () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(anyRule, { maxLength: 3 }), (name, rules) => {
        const inForce = rules.map((change, index) => rule({ id: `r${index}`, ...change }));
        for (const { wanted } of replay(readTrace(name), inForce).steps) {
          const { channel, heard, subject } = wanted;
          const { rule: applied, direction } = subject;
          expect(applied.enabled && applied.directions[direction]).to.equal(true);
          expect(applied.members.flatMap((m) => m.endpoints)).to.include(channel.endpoint);
          if (heard.length === 0) continue;
          expect(heard.some((peer) => dialling.trunks.includes(peer.endpoint))).to.equal(
            direction !== "internal",
          );
        }
      }),
    );
  });

  it("gives each call that ends exactly one outcome", () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(anyRule, { maxLength: 3 }), (name, rules) => {
        const events = readTrace(name);
        const { outcomes, unfinished } = replay(
          events,
          rules.map((change, i) => rule({ id: `r${i}`, ...change })),
        );
        const begun = new Set(events.flatMap((e) => (e.type === "Newchannel" ? [e.channel.linkedid] : [])));
        for (const linkedid of begun) expect(outcomes.has(linkedid), linkedid).to.equal(true);
        expect(unfinished).to.deep.equal([]);
      }),
    );
  });
});
