import { expect } from "chai";
import type { CallEvent, ChannelFacts } from "../../src/core/call-event.ts";
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
    const inBridge = (uniqueid: string) => ({ ...facts(uniqueid), bridgeId: "b", durationMs: 5000 });
    const touched = tracker.apply({
      type: "Snapshot",
      at: at(11),
      askedAt: at(10),
      channels: [inBridge("1.0"), inBridge("1.1")],
    });
    expect(touched.map((call) => [call.linkedid, call.endedAt !== undefined])).to.deep.equal([
      ["1.0", false],
      ["0.9", true],
    ]);
    expect(peers(tracker, "1.1")).to.deep.equal(["1.0"]);
    expect([...tracker.calls()][0]?.startedAt).to.deep.equal(at(6));
  });

  it("keeps a channel that was born while the snapshot was under way", () => {
    const tracker = createCallTracker();
    tracker.apply({ type: "Newchannel", at: at(10), channel: facts("1.0") });
    tracker.apply({ type: "Snapshot", at: at(11), askedAt: at(10), channels: [] });
    expect([...tracker.calls()]).to.have.length(1);
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
});
