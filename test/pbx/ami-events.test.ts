import { expect } from "chai";
import type { CallEvent } from "../../src/core/call-event.ts";
import { callEventNames, callEventOf, createCallEventReader } from "../../src/pbx/ami-events.ts";
import { type AmiEvent, parseHeaders } from "../../src/pbx/ami-message.ts";
import { createManualClock } from "./manual-clock.ts";
import { allTraces, readTrace, traceNames } from "./recorded-trace.ts";

const at = new Date("2026-03-01T12:00:00Z");

function amiEvent(text: string): AmiEvent {
  return parseHeaders(text) as AmiEvent;
}

function read(text: string): CallEvent | undefined {
  return callEventOf(amiEvent(text), at);
}

function count<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

const channel = [
  "Channel: PJSIP/alice-00000001",
  "ChannelState: 6",
  "CallerIDNum: 10",
  "CallerIDName: Jürgen",
  "ConnectedLineNum: <unknown>",
  "ConnectedLineName: <unknown>",
  "Context: from-internal",
  "Exten: 100",
  "Uniqueid: pbx-1.1",
  "Linkedid: pbx-1.0",
].join("\r\n");

const facts = {
  uniqueid: "pbx-1.1",
  linkedid: "pbx-1.0",
  name: "PJSIP/alice-00000001",
  up: true,
  callerNumber: "10",
  callerName: "Jürgen",
  connectedNumber: "",
  connectedName: "",
  context: "from-internal",
  exten: "100",
};

describe("AMI events", () => {
  it("make a CallEvent of every wanted event in every recorded trace", () => {
    for (const name of traceNames()) {
      for (const text of readTrace(name)) {
        const event = amiEvent(text);
        expect(read(text) !== undefined, `${name}: ${text}`).to.equal(callEventNames.has(event.Event));
      }
    }
  });

  it("are as many as were recorded", () => {
    const types = allTraces().map((text) => read(text)?.type);
    expect([...count(types)].sort()).to.eql(
      [
        ["BridgeEnter", 216],
        ["BridgeLeave", 216],
        ["ChannelUpdate", 563],
        ["DialBegin", 101],
        ["DialEnd", 108],
        ["Hangup", 202],
        ["Hold", 24],
        ["LocalBridge", 13],
        ["Newchannel", 202],
        ["Unhold", 32],
        ["RtpHeard", 38],
        [undefined, 1490],
      ].sort(),
    );
  });

  it("tell the channel's facts, with nothing where Asterisk says <unknown>", () => {
    expect(read(`Event: Newchannel\r\n${channel}`)).to.eql({ type: "Newchannel", at, channel: facts });
  });

  it("tell who dialled whom, and how it ended", () => {
    const callee = channel.replaceAll(/(^|\n)/g, "$1Dest");
    expect(read(`Event: DialEnd\r\n${channel}\r\n${callee}\r\nDialStatus: BUSY`)).to.eql({
      type: "DialEnd",
      at,
      caller: facts,
      callee: facts,
      status: "BUSY",
    });
    expect(read(`Event: DialBegin\r\n${callee}`)).to.include({ caller: undefined });
    expect(read(`Event: DialEnd\r\n${callee}\r\nDialStatus: NEWWORD`)).to.include({ status: "OTHER" });
  });

  it("tell the cause of a hangup as a number", () => {
    expect(read(`Event: Hangup\r\n${channel}\r\nCause: 17`)).to.include({ cause: 17 });
    expect(read(`Event: Hangup\r\n${channel}`)).to.include({ cause: 0 });
  });

  it("tell a channel's new name", () => {
    const text = "Event: Rename\r\nChannel: a\r\nNewname: b\r\nUniqueid: pbx-1.1";
    expect(read(text)).to.eql({ type: "Rename", at, uniqueid: "pbx-1.1", newName: "b" });
  });
});

describe("call event reader", () => {
  it("counts what it cannot use, never throws, and warns without numbers or names, once a minute", () => {
    const lines: object[] = [];
    const clock = createManualClock();
    const log = { info: () => {}, warn: (fields: object) => lines.push(fields) };
    const reader = createCallEventReader({ log, clock });

    for (const name of callEventNames) {
      const withoutUniqueid = channel.replace(/Uniqueid: .*\r\n/, "");
      expect(reader.read(amiEvent(`Event: ${name}\r\n${withoutUniqueid}`)), name).to.equal(undefined);
    }
    // A report about a stream of which nothing was received yet is no failure.
    expect(reader.unusable).to.equal(callEventNames.size - 1);
    expect(lines).to.have.length(1);
    expect(JSON.stringify(lines)).to.include("CallerIDNum").and.not.include("Jürgen");
  });

  it("passes over events that nobody wants", () => {
    const log = { info: () => {}, warn: () => expect.fail("warned") };
    const reader = createCallEventReader({ log, clock: createManualClock() });
    expect(reader.read(amiEvent("Event: VarSet\r\nVariable: x"))).to.equal(undefined);
    expect(reader.unusable).to.equal(0);
  });

  it("gives an event the time of its arrival", () => {
    const clock = createManualClock(at);
    const log = { info: () => {}, warn: () => {} };
    const event = createCallEventReader({ log, clock }).read(amiEvent(`Event: Hold\r\n${channel}`));
    expect(event?.at).to.eql(at);
  });
});
