import { expect } from "chai";
import { PbxError } from "../../src/core/errors.ts";
import { type AmiEvent, type AmiResponse, parseHeaders } from "../../src/pbx/ami-message.ts";
import { createPendingActions } from "../../src/pbx/pending-actions.ts";
import { createManualClock } from "./manual-clock.ts";

const list = { item: "CoreShowChannel", complete: "CoreShowChannelsComplete", limit: 3 };

function setUp(limit = 1_000) {
  const clock = createManualClock();
  const pending = createPendingActions({ clock, idPrefix: "mine-", limit });
  return {
    clock,
    pending,
    respond: (text: string) => pending.takeResponse(parseHeaders(text) as AmiResponse),
    event: (text: string) => pending.takeEvent(parseHeaders(text) as AmiEvent),
  };
}

async function failure(answer: Promise<unknown>): Promise<string> {
  return answer.then(
    () => "answered",
    (error: unknown) => (error instanceof PbxError ? error.code : String(error)),
  );
}

describe("pending actions", () => {
  it("give each answer to its own action, in any order", async () => {
    const { pending, respond } = setUp();
    const first = pending.register({ name: "A", timeoutMs: 100 });
    const second = pending.register({ name: "B", timeoutMs: 100 });
    respond(`Response: Success\r\nActionID: ${second.actionId}\r\nValue: 2`);
    respond(`Response: Success\r\nActionID: ${first.actionId}\r\nValue: 1`);
    expect((await first.answer).response.Value).to.equal("1");
    expect((await second.answer).response.Value).to.equal("2");
  });

  it("tell refusals apart by code", async () => {
    const codes = {
      "Permission denied": "pbx-permission-denied",
      "No such channel": "pbx-no-such-channel",
      "Could not start monitoring channel": "pbx-refused-action",
    };
    for (const [message, code] of Object.entries(codes)) {
      const { pending, respond } = setUp();
      const { actionId, answer } = pending.register({ name: "MixMonitor", timeoutMs: 100 });
      respond(`Response: Error\r\nActionID: ${actionId}\r\nMessage: ${message}`);
      expect(await failure(answer)).to.equal(code);
    }
  });

  it("collect the items of a list between the answer and its end", async () => {
    const { pending, respond, event } = setUp();
    const { actionId, answer } = pending.register({ name: "CoreShowChannels", timeoutMs: 100, list });
    expect(pending.listsPending).to.equal(1);
    respond(`Response: Success\r\nActionID: ${actionId}\r\nEventList: start`);
    expect(event(`Event: CoreShowChannel\r\nActionID: ${actionId}\r\nChannel: a`)).to.equal(true);
    expect(event("Event: CoreShowChannel\r\nActionID: foreign\r\nChannel: b")).to.equal(false);
    expect(event("Event: CoreShowChannel\r\nChannel: c")).to.equal(false);
    expect(event(`Event: CoreShowChannelsComplete\r\nActionID: ${actionId}`)).to.equal(true);
    expect((await answer).items.map((item) => item.Channel)).to.eql(["a"]);
    expect(pending.listsPending).to.equal(0);
  });

  it("fail a list that is longer than agreed, and swallow the rest of it", async () => {
    const { pending, respond, event } = setUp();
    const { actionId, answer } = pending.register({ name: "CoreShowChannels", timeoutMs: 100, list });
    respond(`Response: Success\r\nActionID: ${actionId}`);
    for (let i = 0; i < 10; i += 1) {
      expect(event(`Event: CoreShowChannel\r\nActionID: ${actionId}`)).to.equal(true);
    }
    expect(await failure(answer)).to.equal("pbx-list-too-long");
  });

  it("fail when no answer comes in time, and ignore one that comes later", async () => {
    const { pending, respond, clock } = setUp();
    const { actionId, answer } = pending.register({ name: "Ping", timeoutMs: 10_000 });
    clock.advance(9_999);
    expect(clock.pending()).to.have.length(1);
    clock.advance(1);
    expect(await failure(answer)).to.equal("pbx-timeout");
    respond(`Response: Success\r\nActionID: ${actionId}`);
    expect(clock.pending()).to.eql([]);
  });

  it("give a respite when this process itself was held up: the answer may lie in the socket", async () => {
    const { pending, respond, clock } = setUp();
    const { actionId, answer } = pending.register({ name: "Ping", timeoutMs: 10_000 });
    clock.skip(60_000);
    clock.advance(0);
    respond(`Response: Success\r\nActionID: ${actionId}`);
    expect(await failure(answer)).to.equal("answered");

    const unanswered = pending.register({ name: "Ping", timeoutMs: 10_000 });
    clock.skip(60_000);
    clock.advance(1_000);
    expect(await failure(unanswered.answer)).to.equal("pbx-timeout");
  });

  it("are bounded", async () => {
    const { pending } = setUp(2);
    const answers = [1, 2].map(() => pending.register({ name: "A", timeoutMs: 100 }).answer);
    expect(() => pending.register({ name: "A", timeoutMs: 100 }))
      .to.throw(PbxError)
      .that.includes({ code: "pbx-busy" });
    pending.close(new PbxError("closed", { code: "pbx-not-connected", hint: "" }));
    expect(await Promise.all(answers.map(failure))).to.eql(["pbx-not-connected", "pbx-not-connected"]);
  });

  it("refuse new ones after the end", () => {
    const { pending, clock } = setUp();
    pending.close(new PbxError("closed", { code: "pbx-not-connected", hint: "" }));
    expect(() => pending.register({ name: "A", timeoutMs: 100 }))
      .to.throw(PbxError)
      .that.includes({ code: "pbx-not-connected" });
    expect(clock.pending()).to.eql([]);
  });
});
