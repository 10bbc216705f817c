import { expect } from "chai";
import { PbxError } from "../../src/core/errors.ts";
import {
  type AmiAction,
  formatAction,
  leadingEventName,
  parseHeaders,
  parseMessage,
} from "../../src/pbx/ami-message.ts";
import { allTraces } from "./recorded-trace.ts";

const whole = (text: string) => [Buffer.from(text), 0, Buffer.byteLength(text)] as const;

describe("AMI message", () => {
  it("reads the name of every recorded event without parsing it", () => {
    for (const text of allTraces()) {
      const message = parseMessage(text);
      const name = message.kind === "event" ? message.event.Event : undefined;
      expect(leadingEventName(...whole(text)))
        .to.equal(name)
        .and.not.equal(undefined);
    }
  });

  it("reads no name where the message begins otherwise", () => {
    for (const text of ["Response: Success", "Exten: 1\r\nEvent: Hangup", "Event:Hangup", "Ev", ""]) {
      expect(leadingEventName(...whole(text)), text).to.equal(undefined);
    }
  });

  it("stays within its message when the name has no end", () => {
    expect(leadingEventName(Buffer.from("Event: HangupXXXX"), 0, 13)).to.equal("Hangup");
  });

  it("takes a message for neither when it begins otherwise, wherever its name stands", () => {
    for (const text of [
      "Privilege: call,all\r\nEvent: Hangup\r\nCause: 16",
      "x\r\nResponse: Success",
      "hello",
      "",
    ])
      expect(parseMessage(text), text).to.deep.equal({ kind: "other" });
  });

  it("takes an event that carries a Response header for an event", () => {
    const message = parseMessage("Event: OriginateResponse\r\nResponse: Failure");
    expect(message).to.have.property("kind", "event");
  });

  it("knows a response", () => {
    expect(parseMessage("Response: Error\r\nMessage: x")).to.have.property("kind", "response");
  });

  it("keeps header names as Asterisk spells them, and values to the last blank", () => {
    expect({
      ...parseHeaders("Cause-txt: User busy\r\nAppData: a: b, c \r\nAccountCode: \r\nNoBlank:x"),
    }).to.eql({
      "Cause-txt": "User busy",
      AppData: "a: b, c ",
      AccountCode: "",
      NoBlank: "x",
    });
  });

  it("takes the first of two headers, so that a UserEvent cannot replace Asterisk's own", () => {
    expect(parseHeaders("Uniqueid: real\r\nUserEvent: X\r\nUniqueid: forged").Uniqueid).to.equal("real");
  });

  it("takes names that mean something in JavaScript for headers like all others", () => {
    const headers = parseHeaders("__proto__: a\r\nset: b\r\nconstructor: c\r\ntoString: d");
    expect(Object.entries(headers)).to.eql([
      ["__proto__", "a"],
      ["set", "b"],
      ["constructor", "c"],
      ["toString", "d"],
    ]);
    expect(Object.getPrototypeOf(headers)).to.equal(null);
  });
});

describe("AMI action", () => {
  it("is written with its ActionID and repeated headers", () => {
    const action = { Action: "Originate", Channel: "Local/1@x", Variable: ["A=1", "B=2"] };
    expect(formatAction(action, "id-1")).to.equal(
      "Action: Originate\r\nActionID: id-1\r\nChannel: Local/1@x\r\nVariable: A=1\r\nVariable: B=2\r\n\r\n",
    );
  });

  const refused: readonly (readonly [string, AmiAction])[] = [
    ["CR in a value", { Action: "Setvar", Value: "a\rb" }],
    ["LF in a value", { Action: "Setvar", Value: "a\nAction: Command" }],
    ["NUL in a value", { Action: "Setvar", Value: "a\0b" }],
    ["a line break in a repeated header", { Action: "Setvar", Variable: ["a", "b\r\n"] }],
    ["a line break in the action's name", { Action: "Ping\r\n\r\nAction: Command" }],
    ["a line break in a header's name", { Action: "Ping", "A: b\r\nC": "d" }],
    ["a colon in a header's name", { Action: "Ping", "A:": "d" }],
    ["an ActionID of one's own", { Action: "Ping", actionid: "7" }],
    ["a line longer than Asterisk reads", { Action: "Setvar", Value: "ü".repeat(500) }],
    ["more headers than Asterisk reads", { Action: "Setvar", Variable: Array(120).fill("a=b") }],
  ];
  for (const [what, action] of refused) {
    it(`is refused with ${what}, for good`, () => {
      expect(() => formatAction(action, "id-1"))
        .to.throw(PbxError)
        .that.includes({ code: "bad-header", permanent: true });
    });
  }
});
