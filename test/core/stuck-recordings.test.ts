import { expect } from "chai";
import {
  type PbxChannel,
  type RecordingInProgress,
  stuckRecordings,
} from "../../src/core/stuck-recordings.ts";

const minutes = (count: number): number => count * 60_000;
const stuckAfterMs = minutes(10);

const recording = (facts: Partial<RecordingInProgress> = {}): RecordingInProgress => ({
  recordingId: "r1",
  callId: "c1",
  channelUniqueid: "100.1",
  lonelyForMs: undefined,
  quietForMs: undefined,
  ...facts,
});
const alice = (bridgeId = ""): PbxChannel => ({ uniqueid: "100.1", name: "PJSIP/alice-00000001", bridgeId });
const other = (number: number, name: string, bridgeId = ""): PbxChannel => ({
  uniqueid: `100.${number}`,
  name,
  bridgeId,
});
const reasons = (
  facts: Partial<RecordingInProgress>,
  channels: readonly PbxChannel[],
  diskFull = false,
): readonly string[] =>
  stuckRecordings({ recordings: [recording(facts)], channels, stuckAfterMs, diskFull }).map(
    ({ reason }) => reason,
  );

const talk = [alice("b1"), other(2, "PJSIP/trunk-00000002", "b1")];
const leaked = { lonelyForMs: minutes(10) };

describe("stuck recordings", () => {
  it("are those whose channel the PBX does not have, whatever the module believes", () => {
    expect(reasons({}, [other(2, "PJSIP/trunk-00000002")])).to.deep.equal(["channel-gone"]);
    expect(reasons({ quietForMs: 0 }, [])).to.deep.equal(["channel-gone"]);
  });

  it("are never those of a conversation whose file grows", () => {
    expect(reasons({ quietForMs: 1900 }, talk)).to.deep.equal([]);
  });

  it("are those of a channel on which nobody talks for long, and not before", () => {
    expect(reasons({ lonelyForMs: minutes(10) - 1 }, [alice()])).to.deep.equal([]);
    expect(reasons(leaked, [alice()])).to.deep.equal(["channel-leaked"]);
  });

  it("are those of a channel that a hanging Local channel holds", () => {
    const locals = [other(2, "Local/41@hang-00000001;1", "b1"), other(3, "Local/41@hang-00000001;2")];
    expect(reasons(leaked, [alice("b1"), ...locals])).to.deep.equal(["channel-leaked"]);
  });

  it("are not those of a channel that the PBX shows in a conversation, also through Local channels", () => {
    expect(reasons(leaked, talk)).to.deep.equal([]);
    const through = [
      alice("b1"),
      other(2, "Local/41@office-00000001;1", "b1"),
      other(3, "Local/41@office-00000001;2", "b2"),
      other(4, "PJSIP/dave-00000003", "b2"),
    ];
    expect(reasons(leaked, through)).to.deep.equal([]);
  });

  it("are not those of somebody who is parked or waits in a conference, alone or behind a Local channel", () => {
    expect(reasons(leaked, [alice("parking")])).to.deep.equal([]);
    const parkedPeer = [
      alice("b1"),
      other(2, "Local/41@office-00000001;1", "b1"),
      other(3, "Local/41@office-00000001;2", "parking"),
    ];
    expect(reasons(leaked, parkedPeer)).to.deep.equal([]);
  });

  it("are not those on hold, of which nothing is written and nobody is gone", () => {
    expect(reasons({ lonelyForMs: undefined, quietForMs: undefined }, talk)).to.deep.equal([]);
  });

  it("are those whose file does not grow although it is being written", () => {
    expect(reasons({ quietForMs: minutes(10) - 1 }, talk)).to.deep.equal([]);
    expect(reasons({ quietForMs: minutes(10) }, talk)).to.deep.equal(["not-growing"]);
  });

  it("are not those that cannot grow because the disk is full", () => {
    expect(reasons({ quietForMs: minutes(60) }, talk, true)).to.deep.equal([]);
    expect(reasons(leaked, [alice()], true)).to.deep.equal(["channel-leaked"]);
  });

  it("are told apart from those beside them", () => {
    const recordings = [
      recording({ quietForMs: 100 }),
      recording({ recordingId: "r2", callId: "c2", channelUniqueid: "200.1" }),
      recording({ recordingId: "r3", callId: "c3", channelUniqueid: "300.1", ...leaked }),
    ];
    const channels = [...talk, { uniqueid: "300.1", name: "PJSIP/bob-00000009", bridgeId: "" }];
    expect(stuckRecordings({ recordings, channels, stuckAfterMs, diskFull: false })).to.deep.equal([
      { recordingId: "r2", callId: "c2", reason: "channel-gone" },
      { recordingId: "r3", callId: "c3", reason: "channel-leaked" },
    ]);
  });
});
