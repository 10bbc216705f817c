import { expect } from "chai";
import { PbxError } from "../../src/core/errors.ts";
import { createAmiActions } from "../../src/pbx/ami-actions.ts";
import { type AmiAction, type AmiEvent, type AmiResponse, parseHeaders } from "../../src/pbx/ami-message.ts";

function setUp(answer: string, events: readonly string[] = []) {
  const sent: AmiAction[] = [];
  const actions = createAmiActions({
    send: async (action) => {
      sent.push(action);
      return parseHeaders(answer) as AmiResponse;
    },
    sendList: async (action) => {
      sent.push(action);
      return events.map((text) => parseHeaders(text) as AmiEvent);
    },
  });
  return { actions, sent };
}

async function refusal(attempt: Promise<unknown>): Promise<PbxError> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PbxError)) throw new Error(`expected a PbxError, got ${error}`);
  return error;
}

const file = "/var/spool/mitschnitt/open/0f3a-1.wav";

describe("AMI actions", () => {
  it("start a MixMonitor that tells its id, and stop that very one", async () => {
    const { actions, sent } = setUp("Response: Success\r\nMixMonitorID: 0x7fe87c003660");
    const { mixMonitorId } = await actions.mixMonitor({ channel: "PJSIP/alice-00000001", file });
    await actions.mixMonitor({ channel: "PJSIP/alice-00000001", file, append: true });
    await actions.stopMixMonitor({ channel: "PJSIP/alice-00000001", mixMonitorId });
    const started = { Action: "MixMonitor", Channel: "PJSIP/alice-00000001", File: file };
    expect(sent).to.eql([
      { ...started, options: "i(MITSCHNITT_MIXMONITOR)" },
      { ...started, options: "ai(MITSCHNITT_MIXMONITOR)" },
      { Action: "StopMixMonitor", Channel: "PJSIP/alice-00000001", MixMonitorID: "0x7fe87c003660" },
    ]);
  });

  const hostileFiles = [
    "/spool/a.wav,,touch x",
    `/spool/${"$"}{CALLERID(name)}.wav`,
    "/spool/a b.wav",
    "/spool/a;b.wav",
    "/spool/`id`.wav",
    "/spool/../etc/passwd",
    "/spool/./a.wav",
    "/spool//a.wav",
    "relative.wav",
    "/spool/a.wav\n",
    "/spool/ü.wav",
    "/",
    "",
  ];
  for (const hostile of hostileFiles) {
    it(`send nothing for the file ${JSON.stringify(hostile)}`, async () => {
      const { actions, sent } = setUp("Response: Success");
      const error = await refusal(actions.mixMonitor({ channel: "PJSIP/a-1", file: hostile }));
      expect(error).to.include({ code: "bad-header", permanent: true });
      expect(sent).to.eql([]);
    });
  }

  it("send nothing for a channel, an id or a variable that could be something else", async () => {
    const { actions, sent } = setUp("Response: Success");
    for (const channel of ["a,b", "a\r\nAction: x", "a\0", ""]) {
      expect(await refusal(actions.mixMonitor({ channel, file }))).to.include({ code: "bad-header" });
      expect(await refusal(actions.stopMixMonitor({ channel }))).to.include({ code: "bad-header" });
      expect(await refusal(actions.getVar({ channel, variable: "A" }))).to.include({ code: "bad-header" });
    }
    const stop = actions.stopMixMonitor({ channel: "PJSIP/a-1", mixMonitorId: "1\r\n" });
    expect(await refusal(stop)).to.include({ code: "bad-header" });
    expect(await refusal(actions.getVar({ variable: "SHELL(id)" }))).to.include({ code: "bad-header" });
    expect(sent).to.eql([]);
  });

  it("read the channels of the PBX", async () => {
    const { actions } = setUp("", [
      "Event: CoreShowChannel\r\nChannel: PJSIP/alice-1\r\nChannelState: 6\r\nCallerIDNum: 10\r\nUniqueid: u1\r\nLinkedid: l1\r\nBridgeId: b1\r\nDuration: 100:02:03",
      "Event: CoreShowChannel\r\nChannel: PJSIP/bob-2\r\nChannelState: 5\r\nCallerIDName: <unknown>\r\nUniqueid: u2\r\nLinkedid: l1\r\nBridgeId: \r\nDuration: 00:00:05",
      "Event: CoreShowChannel\r\nChannel: without the rest",
    ]);
    const channels = await actions.coreShowChannels();
    expect(
      channels.map(({ uniqueid, up, bridgeId, durationMs }) => [uniqueid, up, bridgeId, durationMs]),
    ).to.eql([
      ["u1", true, "b1", 360_123_000],
      ["u2", false, "", 5_000],
    ]);
  });

  it("tell parking lots from other bridges", async () => {
    const { actions } = setUp("", [
      "Event: BridgeListItem\r\nBridgeUniqueid: b1\r\nBridgeTechnology: simple_bridge",
      "Event: BridgeListItem\r\nBridgeUniqueid: b2\r\nBridgeTechnology: holding_bridge",
    ]);
    expect([...(await actions.bridgeKinds())]).to.eql([
      ["b1", "direct"],
      ["b2", "holding"],
    ]);
  });

  it("ask a channel for its hold and its stream, and believe no nonsense", async () => {
    const answers = async (value: string) => {
      const { actions } = setUp(`Response: Success\r\nValue: ${value}`);
      return [await actions.isOnHold("PJSIP/a-1"), await actions.heardSsrc("PJSIP/a-1")];
    };
    expect(await answers("1")).to.eql([true, 1]);
    expect(await answers("0")).to.eql([false, undefined]);
    expect(await answers("")).to.eql([false, undefined]);
    expect(await answers("-2")).to.eql([false, 0xffff_fffe]);
    expect(await answers("12 34")).to.eql([false, undefined]);
  });

  it("ask only channels that can know it", async () => {
    const { actions, sent } = setUp("Response: Success\r\nValue: 1");
    expect([await actions.isOnHold("Local/1@a-1;1"), await actions.heardSsrc("DAHDI/1-1")]).to.eql([
      false,
      undefined,
    ]);
    expect(sent).to.eql([]);
  });

  it("read the PBX's version and a variable", async () => {
    const settings = setUp("Response: Success\r\nAsteriskVersion: 16.28.0\r\nCoreSystemName: pbx");
    expect(await settings.actions.coreSettings()).to.eql({ asteriskVersion: "16.28.0" });
    const variable = setUp("Response: Success\r\nVariable: A\r\nValue: x");
    expect(await variable.actions.getVar({ channel: "PJSIP/a-1", variable: "A" })).to.equal("x");
    expect(variable.sent).to.eql([{ Action: "GetVar", Variable: "A", Channel: "PJSIP/a-1" }]);
  });
});
