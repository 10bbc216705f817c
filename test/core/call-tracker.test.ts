import { expect } from "chai";
import type { BridgeKind, CallEvent, ChannelFacts } from "../../src/core/call-event.ts";
import { createCallTracker } from "../../src/core/call-tracker.ts";
import { readTrace, traceNames } from "../support/trace.ts";

const at = (seconds: number): Date => new Date(Date.UTC(2026, 10, 2, 10, 0, seconds));

const facts = (uniqueid: string, change: Partial<ChannelFacts> = {}): ChannelFacts => ({
  uniqueid,
  linkedid: "1.0",
  name: `PJSIP/${uniqueid}-00000001`,
  up: true,
  callerNumber: "",
  callerName: "",
  connectedNumber: "",
  connectedName: "",
  context: "from-internal",
  exten: "s",
  ...change,
});

const peers = (tracker: ReturnType<typeof createCallTracker>, uniqueid: string): string[] =>
  [...tracker.calls()].flatMap((call) => call.peersOf(uniqueid).map((peer) => peer.uniqueid));

describe("call tracker", () => {
  it("forgets every call of the recorded traces that ended in them", () => {
    for (const name of traceNames.filter((n) => n !== "a22-attended-transfer-dtmf")) {
      const tracker = createCallTracker();
      for (const event of readTrace(name)) tracker.apply(event);
      expect([...tracker.calls()], name).to.deep.equal([]);
    }
  });

  it("returns an ended call once and for the last time", () => {
    const tracker = createCallTracker();
    const ended = readTrace("a22-inbound-group").flatMap((event) =>
      tracker.apply(event).filter((call) => call.endedAt !== undefined),
    );
    expect(ended).to.have.length(1);
    expect(ended[0]?.channels.size).to.equal(3);
  });

  it("joins caller and called from the answer on, before they are in a bridge", () => {
    const tracker = createCallTracker();
    const caller = facts("1.0", { exten: "10" });
    const callee = facts("1.1");
    tracker.apply({ type: "Newchannel", at: at(0), channel: caller });
    tracker.apply({ type: "Newchannel", at: at(0), channel: callee });
    tracker.apply({ type: "DialBegin", at: at(0), caller, callee });
    expect(peers(tracker, "1.0")).to.deep.equal([]);
    tracker.apply({ type: "DialEnd", at: at(1), caller, callee, status: "ANSWER" });
    expect(peers(tracker, "1.0")).to.deep.equal(["1.1"]);
    expect(peers(tracker, "1.1")).to.deep.equal(["1.0"]);
  });

  it("does not lose the peer between the two entries into the bridge", () => {
    const tracker = createCallTracker();
    const seen: string[] = [];
    for (const event of readTrace("a22-inbound-group")) {
      tracker.apply(event);
      if (event.type === "DialEnd" || event.type === "BridgeEnter")
        seen.push(peers(tracker, "pbx-1795308853.1").join());
    }
    expect(seen.slice(-3)).to.deep.equal(["pbx-1795308853.0", "pbx-1795308853.0", "pbx-1795308853.0"]);
  });

  it("does not join a caller with those who were rung in vain", () => {
    const tracker = createCallTracker();
    for (const event of readTrace("a22-abandon")) {
      tracker.apply(event);
      expect(peers(tracker, "pbx-1795308864.7")).to.deep.equal([]);
    }
  });

  it("sees through a Local channel, and never as a peer", () => {
    const tracker = createCallTracker();
    const trunk = facts("1.0", { name: "PJSIP/trunk-00000001" });
    const one = facts("1.1", { name: "Local/10@queue-00000001;1" });
    const two = facts("1.2", { name: "Local/10@queue-00000001;2" });
    const alice = facts("1.3", { name: "PJSIP/alice-00000002" });
    const events: CallEvent[] = [
      { type: "LocalBridge", at: at(0), one, two },
      { type: "DialBegin", at: at(0), caller: trunk, callee: one },
      { type: "DialBegin", at: at(0), caller: two, callee: alice },
      { type: "DialEnd", at: at(1), caller: two, callee: alice, status: "ANSWER" },
    ];
    for (const event of events) tracker.apply(event);
    expect(peers(tracker, "1.3")).to.deep.equal([]);
    tracker.apply({ type: "DialEnd", at: at(1), caller: trunk, callee: one, status: "ANSWER" });
    expect(peers(tracker, "1.3")).to.deep.equal(["1.0"]);
    expect(peers(tracker, "1.0")).to.deep.equal(["1.3"]);
  });

  it("knows after a snapshot who is bridged, and lets go of channels that are not in it", () => {
    const tracker = createCallTracker();
    tracker.apply({ type: "Newchannel", at: at(0), channel: facts("0.9", { linkedid: "0.9" }) });
    const inBridge = (uniqueid: string) => ({
      ...facts(uniqueid),
      bridgeId: "b",
      durationMs: 5000,
      bridgeKind: "direct" as const,
      onHold: false,
    });
    const touched = tracker.apply({
      type: "Snapshot",
      at: at(11),
      channels: [inBridge("1.0"), inBridge("1.1")],
    });
    expect(touched.map((call) => [call.linkedid, call.endedAt !== undefined])).to.deep.equal([
      ["1.0", false],
      ["0.9", true],
    ]);
    expect(peers(tracker, "1.1")).to.deep.equal(["1.0"]);
    expect([...tracker.calls()][0]?.startedAt).to.deep.equal(at(6));
  });

  it("lets go of channels that are gone also when the clock was set back meanwhile", () => {
    const tracker = createCallTracker();
    tracker.apply({ type: "Newchannel", at: at(50), channel: facts("1.0") });
    const touched = tracker.apply({ type: "Snapshot", at: at(11), channels: [] });
    expect(touched.map((call) => call.endedAt)).to.deep.equal([at(11)]);
  });

  it("believes the snapshot that a channel lives, whatever it took for its end", () => {
    const tracker = createCallTracker();
    const channel = facts("1.0");
    tracker.apply({ type: "Newchannel", at: at(0), channel });
    tracker.apply({ type: "Snapshot", at: at(1), channels: [] });
    tracker.apply({
      type: "Snapshot",
      at: at(2),
      channels: [
        { ...channel, bridgeId: "", durationMs: 2000, bridgeKind: "direct" as const, onHold: false },
      ],
    });
    tracker.apply({ type: "Hangup", at: at(3), channel, cause: 16 });
    expect([...tracker.calls()]).to.deep.equal([]);
  });

  it("sees through a Local channel also when it was made before anybody looked", () => {
    const tracker = createCallTracker();
    const inBridge = (uniqueid: string, name: string, bridgeId: string) => ({
      ...facts(uniqueid, { name }),
      bridgeId,
      durationMs: 5000,
      bridgeKind: "direct" as const,
      onHold: false,
    });
    tracker.apply({
      type: "Snapshot",
      at: at(1),
      channels: [
        inBridge("1.0", "PJSIP/trunk-00000001", "a"),
        inBridge("1.1", "Local/10@queue-00000001;1", "a"),
        inBridge("1.2", "Local/10@queue-00000001;2", "b"),
        inBridge("1.3", "PJSIP/alice-00000002", "b"),
      ],
    });
    expect(peers(tracker, "1.3")).to.deep.equal(["1.0"]);
  });

  it("forgets at a snapshot who was about to be joined: the bridges tell", () => {
    const tracker = createCallTracker();
    const [caller, callee] = [facts("1.0"), facts("1.1")];
    tracker.apply({ type: "DialEnd", at: at(1), caller, callee, status: "ANSWER" });
    const alone = (channel: ChannelFacts) => ({
      ...channel,
      bridgeId: "",
      durationMs: 1000,
      bridgeKind: "direct" as const,
      onHold: false,
    });
    tracker.apply({ type: "Snapshot", at: at(2), channels: [alone(caller), alone(callee)] });
    expect(peers(tracker, "1.1")).to.deep.equal([]);
  });

  it("joins only the last one of two who answer at once", () => {
    const tracker = createCallTracker();
    const [caller, alice, bob] = [facts("1.0"), facts("1.1"), facts("1.2")];
    for (const callee of [alice, bob])
      tracker.apply({ type: "DialEnd", at: at(1), caller, callee, status: "ANSWER" });
    expect(peers(tracker, "1.1")).to.deep.equal([]);
    for (const channel of [bob, caller])
      tracker.apply({ type: "BridgeEnter", at: at(2), bridgeId: "b", bridgeKind: "direct", channel });
    expect(peers(tracker, "1.1")).to.deep.equal([]);
    expect(peers(tracker, "1.0")).to.deep.equal(["1.2"]);
  });

  it("takes an answer that is told after the bridge for no news", () => {
    const tracker = createCallTracker();
    const [caller, callee] = [facts("1.0"), facts("1.1")];
    for (const channel of [callee, caller])
      tracker.apply({ type: "BridgeEnter", at: at(1), bridgeId: "b", bridgeKind: "direct", channel });
    tracker.apply({ type: "DialEnd", at: at(2), caller, callee, status: "ANSWER" });
    tracker.apply({ type: "BridgeLeave", at: at(3), bridgeId: "b", channel: callee });
    expect(peers(tracker, "1.0")).to.deep.equal([]);
  });

  it("returns the calls of all who hear the change, through Local channels and across linkedids", () => {
    const tracker = createCallTracker();
    const trunk = facts("1.0", { name: "PJSIP/trunk-00000001" });
    const one = facts("1.1", { name: "Local/11@internal-00000001;1" });
    const two = facts("1.2", { name: "Local/11@internal-00000001;2" });
    const bob = facts("2.1", { name: "PJSIP/bob-00000002", linkedid: "2.0" });
    tracker.apply({ type: "LocalBridge", at: at(0), one, two });
    for (const [bridgeId, channel] of [
      ["a", trunk],
      ["a", one],
      ["b", bob],
      ["b", two],
    ] as const)
      tracker.apply({ type: "BridgeEnter", at: at(0), bridgeId, bridgeKind: "direct", channel });
    const touched = (event: CallEvent) =>
      tracker
        .apply(event)
        .map((call) => call.linkedid)
        .sort();
    expect(touched({ type: "Hold", at: at(1), channel: trunk })).to.deep.equal(["1.0", "2.0"]);
    expect(touched({ type: "BridgeLeave", at: at(2), bridgeId: "a", channel: trunk })).to.deep.equal([
      "1.0",
      "2.0",
    ]);
  });

  it("goes on with the call that a transfer has merged, when the other one has ended", () => {
    const tracker = createCallTracker();
    const trunk = facts("1.0");
    const carol = facts("2.1", { linkedid: "2.0" });
    const dave = facts("3.0");
    const events: CallEvent[] = [
      { type: "Newchannel", at: at(0), channel: trunk },
      { type: "Newchannel", at: at(0), channel: carol },
      {
        type: "BridgeEnter",
        at: at(1),
        bridgeId: "b",
        bridgeKind: "direct",
        channel: { ...carol, linkedid: "1.0" },
      },
      { type: "Hangup", at: at(2), channel: trunk, cause: 16 },
      { type: "Newchannel", at: at(3), channel: dave },
    ];
    for (const event of events) tracker.apply(event);
    expect([...tracker.calls()].map((call) => call.linkedid)).to.deep.equal(["2.0"]);
  });

  it("keeps of a call that rings for hours no more than it can bear", () => {
    const tracker = createCallTracker();
    const caller = facts("1.0");
    for (let i = 1; i <= 3000; i++) {
      const callee = facts(`1.${i}`);
      tracker.apply({ type: "DialBegin", at: at(0), caller, callee });
      tracker.apply({ type: "Hangup", at: at(1), channel: callee, cause: 19 });
    }
    const [call] = tracker.calls();
    expect(call?.channels.size).to.be.below(1000);
    expect(call?.channels.has("1.0")).to.equal(true);
  });

  it("does not bring a channel back to life by an event that comes after its end", () => {
    const tracker = createCallTracker();
    const channel = facts("1.0");
    tracker.apply({ type: "Newchannel", at: at(0), channel });
    tracker.apply({ type: "Hangup", at: at(1), channel, cause: 16 });
    tracker.apply({ type: "BridgeLeave", at: at(2), bridgeId: "b", channel });
    expect([...tracker.calls()]).to.deep.equal([]);
  });

  it("takes in every event of a trace from any point on without failing", () => {
    for (const name of traceNames) {
      const events = readTrace(name);
      for (let from = 0; from < events.length; from++) {
        const tracker = createCallTracker();
        for (const event of events.slice(from)) tracker.apply(event);
      }
    }
  });

  const enter = (channel: ChannelFacts, bridgeId: string, bridgeKind: BridgeKind = "direct"): CallEvent => ({
    type: "BridgeEnter",
    at: at(1),
    bridgeId,
    bridgeKind,
    channel,
  });
  const channelOf = (tracker: ReturnType<typeof createCallTracker>, uniqueid: string) =>
    [...tracker.calls()].map((call) => call.channels.get(uniqueid)).find((channel) => channel !== undefined);

  it("lets those who are parked hear nobody, and knows that they are", () => {
    const tracker = createCallTracker();
    const [one, two] = [facts("1.0"), facts("1.1")];
    for (const channel of [one, two]) tracker.apply(enter(channel, "lot", "holding"));
    expect(peers(tracker, "1.0")).to.deep.equal([]);
    expect(channelOf(tracker, "1.0")?.isParked).to.equal(true);
    tracker.apply({ type: "BridgeLeave", at: at(2), bridgeId: "lot", channel: one });
    for (const channel of [one, facts("1.2")]) tracker.apply(enter(channel, "talk"));
    expect(channelOf(tracker, "1.0")?.isParked).to.equal(false);
    expect(peers(tracker, "1.0")).to.deep.equal(["1.2"]);
  });

  it("doubts a hold when its channel is moved, until the channel is asked", () => {
    const tracker = createCallTracker();
    const channel = facts("1.0");
    tracker.apply(enter(channel, "a"));
    tracker.apply({ type: "Hold", at: at(1), channel });
    expect(channelOf(tracker, "1.0")).to.include({ onHold: true, holdInDoubt: false });
    tracker.apply(enter(channel, "b"));
    expect(channelOf(tracker, "1.0")).to.include({ onHold: true, holdInDoubt: true });
    tracker.apply({ type: "HoldKnown", at: at(1), uniqueid: "1.0", onHold: false });
    expect(channelOf(tracker, "1.0")).to.include({ onHold: false, holdInDoubt: false });
    tracker.apply(enter(channel, "c"));
    expect(channelOf(tracker, "1.0")).to.include({ onHold: false, holdInDoubt: false });
  });

  it("takes from a snapshot who holds and who is parked", () => {
    const tracker = createCallTracker();
    const present = (uniqueid: string, bridgeKind: BridgeKind, onHold: boolean) => ({
      ...facts(uniqueid),
      bridgeId: `b${uniqueid}`,
      bridgeKind,
      onHold,
      durationMs: 1000,
    });
    const channels = [present("1.0", "direct", true), present("1.1", "holding", false)];
    tracker.apply({ type: "Snapshot", at: at(5), channels });
    expect(channelOf(tracker, "1.0")).to.include({ onHold: true, holdInDoubt: false, isParked: false });
    expect(channelOf(tracker, "1.1")).to.include({ onHold: false, isParked: true });
  });

  it("has no call for what the PBX makes for itself", () => {
    const tracker = createCallTracker();
    const announcer = facts("9.0", { name: "CBAnn/office-00000001;2", linkedid: "9.0" });
    expect(tracker.apply(enter(announcer, "conference", "softmix"))).to.deep.equal([]);
    tracker.apply(enter(facts("1.0"), "conference", "softmix"));
    expect(peers(tracker, "1.0")).to.deep.equal([]);
    const snapshot = {
      ...announcer,
      bridgeId: "x",
      bridgeKind: "softmix",
      onHold: false,
      durationMs: 1,
    } as const;
    tracker.apply({ type: "Snapshot", at: at(2), channels: [snapshot] });
    expect([...tracker.calls()].map((call) => call.linkedid)).to.deep.equal([]);
  });

  it("knows with which calls a transfer has merged one", () => {
    const tracker = createCallTracker();
    tracker.apply(enter(facts("1.0"), "a"));
    tracker.apply(enter(facts("2.0", { linkedid: "2.0" }), "b"));
    tracker.apply(enter(facts("2.0", { linkedid: "1.0" }), "a"));
    const [first, second] = [...tracker.calls()];
    expect([...(first?.mergedWith ?? [])]).to.deep.equal([]);
    expect([...(second?.mergedWith ?? [])]).to.deep.equal(["1.0"]);
  });
});
