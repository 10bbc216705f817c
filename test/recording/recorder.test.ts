import { expect } from "chai";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";
import { incomingCall } from "./call-events.ts";
import { openBench, type RecordingBench } from "./recording-bench.ts";

describe("recorder", () => {
  const folder = temporaryFolder();
  const call = incomingCall();
  const { uniqueid } = call.alice;
  let bench: RecordingBench;

  beforeEach(async () => {
    bench = await openBench(folder());
  });
  afterEach(() => bench.close());

  const captureOf = () => bench.recorder.captureOf(uniqueid)?.state;
  const talk = async (): Promise<string> => {
    for (const event of [...call.rings(), ...call.isAnswered()]) bench.monitor.apply(event);
    await until("it is recorded", () => captureOf() === "running");
    return bench.recorder.survey()[0]?.recordingId ?? "";
  };

  it("shows each recording with its channel, and since when nobody talks on it", async () => {
    const recordingId = await talk();
    const [seen] = bench.recorder.survey();
    expect(seen).to.include({ recordingId, channelUniqueid: uniqueid, channelName: call.alice.name });
    expect(seen?.lonelySinceMs).to.equal(undefined);
    const [leaves] = call.ends();
    if (leaves !== undefined) bench.monitor.apply(leaves);
    expect(bench.recorder.survey()[0]?.lonelySinceMs).to.be.a("number");
  });

  it("frees nothing that is not in its hands", async () => {
    await talk();
    expect(bench.recorder.free("f".repeat(32), new Date(), "stuck")).to.equal(undefined);
  });

  it("records a frozen peer anew who comes back", async () => {
    const first = await talk();
    await bench.recorder.free(first, new Date(), "stuck");
    const hears = (sequence: number): void =>
      bench.monitor.apply({
        type: "RtpHeard",
        at: new Date(),
        uniqueid: call.trunk.uniqueid,
        ssrc: 1,
        sequence,
      });
    for (const sequence of [500, 500]) hears(sequence);
    expect(bench.recorder.survey()).to.deep.equal([]);
    hears(550);
    await until("it is recorded again", () => captureOf() === "running");
    for (const channel of [call.alice, call.trunk]) bench.asterisk.hangUp(channel.name);
    for (const event of call.ends()) bench.monitor.apply(event);
    await bench.settled();
    expect((await bench.recordings()).map((row) => [row.state, row.cut_off])).to.deep.equal([
      ["finished", "stuck"],
      ["finished", null],
    ]);
  });

  it("keeps a freed recording and its successor on the same channel apart", async () => {
    const first = await talk();
    bench.asterisk.leavesHeadersOpen = true;
    const freed = bench.recorder.free(first, new Date(), "forced");
    await until("it is stopped", () => !bench.asterisk.isRecorded(call.alice.name));
    bench.asterisk.leavesHeadersOpen = false;
    // Somebody else is with alice now.
    const other = incomingCall(2).trunk;
    const guest = { ...other, uniqueid: "200.1", linkedid: call.linkedid };
    bench.monitor.apply({
      type: "BridgeEnter",
      at: new Date(),
      bridgeId: "bridge-1",
      bridgeKind: "direct",
      channel: guest,
    });
    await until("the successor is recorded", () => bench.asterisk.isRecorded(call.alice.name));
    const second = bench.recorder.survey()[0]?.recordingId ?? "";
    expect([second === first, bench.recorder.holds(first), bench.recorder.holds(second)]).to.deep.equal([
      false,
      true,
      true,
    ]);
    for (const channel of [call.alice, call.trunk, guest]) {
      bench.asterisk.hangUp(channel.name);
      bench.monitor.apply({ type: "Hangup", at: new Date(), channel, cause: 16 });
    }
    expect(bench.recorder.holds(first)).to.equal(true);
    await bench.settled();
    expect((await freed)?.state).to.equal("finished");
    expect((await bench.recordings()).map((row) => [row.id, row.state, row.cut_off])).to.deep.equal([
      [first, "finished", "forced"],
      [second, "finished", null],
    ]);
    expect((await bench.calls()).map(({ outcome }) => outcome)).to.deep.equal(["recorded"]);
    expect(bench.recorder.holds(first)).to.equal(false);
  });
});
