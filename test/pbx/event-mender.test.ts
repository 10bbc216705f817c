import { expect } from "chai";
import fc from "fast-check";
import type { CallEvent, ChannelFacts } from "../../src/core/call-event.ts";
import { callEventNames, callEventOf } from "../../src/pbx/ami-events.ts";
import { parseMessage } from "../../src/pbx/ami-message.ts";
import { createAmiSplitter } from "../../src/pbx/ami-splitter.ts";
import { hasForm } from "../../src/pbx/event-form.ts";
import { createEventMender, type Tampering } from "../../src/pbx/event-mender.ts";
import { allTraces } from "./recorded-trace.ts";
import { wholeEvent } from "./whole-event.ts";

const at = new Date("2026-03-01T12:00:00Z");
const callerNumber = "0301234567";
/** chan_pjsip cuts numbers and extensions here. */
const longestNumberBytes = 79;
const blankLine = "\r\n\r\n";

/** What the connection does between the socket and its listeners. */
function receive(chunks: readonly string[]): { events: CallEvent[]; tampering: Tampering[] } {
  const events: CallEvent[] = [];
  const tampering: Tampering[] = [];
  const mender = createEventMender({
    emit: (text) => {
      const message = parseMessage(text);
      const event = message.kind === "event" ? callEventOf(message.event, at) : undefined;
      if (event !== undefined) events.push(event);
    },
    onTampering: (what) => tampering.push(what),
  });
  const splitter = createAmiSplitter(1 << 20, (bytes, start, end) => {
    const text = bytes.toString("utf8", start, end);
    mender.take(
      text,
      callEventNames.has(/^Event: (\w+)\r/.exec(text)?.[1] ?? "") || !text.startsWith("Event: "),
    );
  });
  for (const chunk of chunks) {
    splitter.push(Buffer.from(chunk));
    if (splitter.heldBytes === 0) mender.flush();
  }
  return { events, tampering };
}

const stream = (messages: readonly string[]) => messages.map((message) => message + blankLine).join("");
const isWanted = (text: string) => callEventNames.has(/^Event: (\w+)/.exec(text)?.[1] ?? "");

const channelsOf = (event: CallEvent): ChannelFacts[] =>
  [
    "channel" in event ? event.channel : undefined,
    "caller" in event ? event.caller : undefined,
    "callee" in event ? event.callee : undefined,
    "one" in event ? event.one : undefined,
    "two" in event ? event.two : undefined,
  ].filter((channel) => channel !== undefined);

/** Everything that tells which call an event is about, and what happened to it. */
const identity = (event: CallEvent) => [
  event.type,
  "bridgeId" in event ? event.bridgeId : "",
  "status" in event ? event.status : "",
  "cause" in event ? event.cause : "",
  ...channelsOf(event).map(({ uniqueid, linkedid, name, up }) => [uniqueid, linkedid, name, up]),
];

const blocks = ["", "Dest", "LocalOne", "LocalTwo"];
const headerNames = [
  ...["Event", "Privilege", "ActionID", "BridgeUniqueid", "Cause", "Cause-txt", "DialStatus", "DialString"],
  ...[
    "Channel",
    "ChannelState",
    "ChannelStateDesc",
    "CallerIDNum",
    "CallerIDName",
    "ConnectedLineNum",
  ].flatMap((name) => blocks.map((block) => block + name)),
  ...[
    "ConnectedLineName",
    "Language",
    "AccountCode",
    "Context",
    "Exten",
    "Priority",
    "Uniqueid",
    "Linkedid",
  ].flatMap((name) => blocks.map((block) => block + name)),
];
const headerValues = [
  "",
  "1",
  "6",
  "6.6",
  "call,all",
  "Hangup",
  "Newstate",
  "Hold",
  "PJSIP/alice-00000001",
  "x",
];

const upToTheLimit = (text: string) => Buffer.from(text).subarray(0, longestNumberBytes).toString("latin1");
const line = fc
  .tuple(fc.constantFrom(...headerNames), fc.constantFrom(...headerValues))
  .map(([name, value]) => `${name}: ${value}`);
const ids = fc
  .constantFrom(...blocks)
  .map((block) => `${block}Priority: 1\r\n${block}Uniqueid: 6\r\n${block}Linkedid: 6`);
const piece = fc.oneof(
  { weight: 4, arbitrary: line },
  { weight: 2, arbitrary: ids },
  {
    weight: 1,
    arbitrary: fc.constantFrom("Response: x", "Event: Hangup\r\nPrivilege: call,all", "\r", "\n", ""),
  },
);
const payload = fc
  .array(fc.tuple(piece, fc.constantFrom("\r\n", blankLine, "\r\n\r\n\r\n", "")), {
    minLength: 1,
    maxLength: 8,
  })
  .map((parts) => upToTheLimit(`1${parts.map(([text, separator]) => separator + text).join("")}`));

const genuine = allTraces();

/** Also events that nobody wants: their remains must not become events that somebody does. */
const withNumber = genuine.filter((text) => text.includes(callerNumber));
const withExtension = genuine.filter((text) => /Exten: 100\r/.test(text));

describe("event mender", () => {
  it("lets every recorded event through as it is, and wants a form for each of their names", () => {
    expect([...callEventNames].filter((name) => !hasForm(name))).to.eql([]);
    const { events, tampering } = receive([stream(genuine)]);
    expect(tampering).to.eql([]);
    expect(events).to.eql(receive(genuine.filter(isWanted).map((text) => text + blankLine)).events);
    expect(events).to.have.length(genuine.filter(isWanted).length);
  });

  it("lets nothing become of a number but that number, however it comes in", function () {
    this.timeout(30_000);
    fc.assert(
      fc.property(payload, fc.constantFrom(...withNumber), fc.nat(), (number, text, cut) => {
        const expected = receive([text + blankLine]).events.map(identity);
        const bytes = text.replaceAll(callerNumber, () => number) + blankLine + text + blankLine;
        const cutAt = cut % bytes.length;
        for (const chunks of [[bytes], [bytes.slice(0, cutAt), bytes.slice(cutAt)]]) {
          const { events } = receive(chunks);
          expect(events.map(identity)).to.eql([...expected, ...expected]);
          for (const facts of events.flatMap(channelsOf))
            expect(Object.values(facts).join("")).to.match(/^\P{Cc}*$/u);
        }
      }),
      { numRuns: 1_500 },
    );
  });

  it("lets nothing become of number and extension together, but may have to drop the event, and tells", function () {
    this.timeout(30_000);
    fc.assert(
      fc.property(payload, payload, fc.constantFrom(...withExtension), (extension, number, text) => {
        const genuineEvent = receive([text + blankLine]).events.map(identity);
        const tampered = text
          .replaceAll(/Exten: 100(?=\r)/g, () => `Exten: ${extension}`)
          .replaceAll(callerNumber, () => number);
        const { events, tampering } = receive([stream([tampered, wholeEvent("Hangup")])]);
        const seen = events.map(identity);
        const isDropped = tampering.some(({ isMended }) => !isMended);
        expect(seen).to.eql(isDropped ? hangup : [...genuineEvent, ...hangup]);
      }),
      { numRuns: 1_500 },
    );
  });

  const hangup = receive([wholeEvent("Hangup") + blankLine]).events.map(identity);
  const forgedUniqueids = (events: readonly CallEvent[]) =>
    events.flatMap(channelsOf).filter(({ uniqueid }) => uniqueid.startsWith("6"));

  const inNumbers: readonly (readonly [title: string, number: string])[] = [
    ["a header", "030\r\nUniqueid: 6.6"],
    ["all ids", "030\r\nPriority: 1\r\nUniqueid: 6.6\r\nLinkedid: 6.6"],
    ["the hangup of another call", "030\r\n\r\nEvent: Hangup\r\nPrivilege: call,all\r\nUniqueid: 6.6"],
    ["an event between two ends", "030\r\n\r\nEvent: Hangup\r\n\r\nUniqueid: 6.6"],
    ["an answer", "030\r\n\r\nResponse: Success\r\nUniqueid: 6.6"],
    ["an end only", "030\r\n"],
  ];
  for (const [title, CallerIDNum] of inNumbers) {
    it(`follows a call whose number holds ${title}`, () => {
      const { events, tampering } = receive([stream([wholeEvent("Newstate", { CallerIDNum })])]);
      expect(events.flatMap(channelsOf).map(({ uniqueid, callerNumber }) => [uniqueid, callerNumber])).to.eql(
        [["1700000000.1", "030"]],
      );
      expect(tampering).to.eql([{ event: "Newstate", isMended: true }]);
    });
  }

  const falseIds = "1\r\nPriority: 1\r\nUniqueid: 6\r\nLinkedid: 6";
  const inExtensions: readonly (readonly [title: string, extension: string])[] = [
    ["ids", falseIds],
    ["ids and an end", `${falseIds}\r\n\r\n`],
    ["ids, an end and the beginning of an event", `${falseIds}\r\n\r\nEvent: Hold\r\nPrivilege: c`],
    ["ids, an end and an event", `${falseIds}\r\n\r\nEvent: Hold\r\n\r\n`],
    ["ids, an end and as much as there is room for", `${falseIds}\r\n\r\n${"x".repeat(33)}\r\n`],
    ["ids, an end and an event of no interest", `${falseIds}\r\n\r\nEvent: X\r\n\r\nEvent: Y`],
  ];
  for (const [title, Exten] of inExtensions) {
    it(`does not believe an extension that holds ${title}`, () => {
      const message = wholeEvent("Newchannel", { Exten });
      const { events, tampering } = receive([stream([message, wholeEvent("Hangup")])]);
      expect(Exten.length).to.be.at.most(longestNumberBytes);
      expect(events.map(({ type }) => type)).to.eql(["Newchannel", "Hangup"]);
      expect(events.flatMap(channelsOf).map(({ uniqueid, exten }) => [uniqueid, exten])).to.eql([
        ["1700000000.1", "1"],
        ["1700000000.1", "100"],
      ]);
      expect(tampering).to.eql([{ event: "Newchannel", isMended: true }]);
    });
  }

  it("drops an event of which it cannot tell the ids, because text from outside follows them too", () => {
    const Exten = `${falseIds}\r\nApplication: `;
    for (const message of [
      wholeEvent("CoreShowChannel", { ActionID: "a", Exten }),
      wholeEvent("Newstate", { Exten: falseIds, ChanVariable: "X=1" }),
    ])
      expect(receive([stream([message])]))
        .to.have.property("events")
        .that.eql([]);
  });

  it("does not believe a phone that answers in the name of the one to whom it forwards", () => {
    const [hold] = withExtension.filter((text) => text.startsWith("Event: DialEnd"));
    const dialEnd = (hold ?? "").replace(/\r\nDialStatus: \w+/, "");
    for (const forward of ["312", "312\r\nDialStatus: ANSWER", "312\r\nDialStatus: ANSWER\r\n\r\nX: 1"]) {
      const { events } = receive([
        stream([`${dialEnd}\r\nForward: ${forward}\r\nDialStatus: CANCEL`, wholeEvent("Hangup")]),
      ]);
      expect(
        events.map((event) => ("status" in event ? event.status : event.type)),
        forward,
      ).to.eql(["CANCEL", "Hangup"]);
    }
  });

  it("follows the Local channel that is named after a hostile extension", () => {
    const changes = { Channel: "Local/1\r\nUniqueid: 6.6@in-00000000;1", Exten: "1\r\nUniqueid: 6.6" };
    const { events } = receive([stream([wholeEvent("Newchannel", changes)])]);
    expect(events.flatMap(channelsOf)[0]).to.include({
      name: "Local/1",
      uniqueid: "1700000000.1",
      exten: "1",
    });
  });

  it("keeps to the answer's channels, whatever the PBX runs for them", () => {
    const ApplicationData = "PJSIP/1\r\nPriority: 1\r\nUniqueid: 6.6\r\nLinkedid: 6.6\r\nBridgeId: 6";
    const { events } = receive([stream([wholeEvent("CoreShowChannel", { ActionID: "a", ApplicationData })])]);
    expect(forgedUniqueids(events)).to.eql([]);
  });

  // The figures in event-form: what would be needed, and that it would do.
  it("relies on the length of a number: with 100 bytes and more, an event could be begun in it", () => {
    const begun =
      "\r\n\r\nEvent: Hold\r\nPrivilege: call,all\r\nChannel: x\r\nChannelState: 6\r\nChannelStateDesc: \r\nCallerIDNum: ";
    expect(begun.length).to.be.within(100, 101).and.above(longestNumberBytes);
    const unwanted = wholeEvent("HangupRequest", { CallerIDNum: `${begun}1` });
    expect(receive([stream([unwanted])]).events.map(({ type }) => type)).to.eql(["Hold"]);
  });

  it("passes over an event of a form that it does not know, and goes on with the next", () => {
    const unknown = wholeEvent("Newstate").replace("Language: en\r\n", "");
    const messages = [unknown, "Event: FullyBooted\r\nPrivilege: system,all", wholeEvent("Hangup")];
    const { events, tampering } = receive([stream(messages)]);
    expect(events.map(({ type }) => type)).to.eql(["Hangup"]);
    expect(tampering).to.eql([{ event: "Newstate", isMended: false }]);
  });

  it("keeps no more of a cut event than a cut event can be long", () => {
    const cut = wholeEvent("Newstate", { CallerIDNum: "1\r\n\r\n" }).split(blankLine)[0] ?? "";
    const noise = Array(100).fill(`Noise: ${"x".repeat(100)}`);
    expect(receive([stream([cut, ...noise])]).tampering).to.eql([{ event: "Newstate", isMended: false }]);
    expect(receive([stream([cut, ...noise, wholeEvent("Hangup")])]).events.map(({ type }) => type)).to.eql([
      "Hangup",
    ]);
  });
});
