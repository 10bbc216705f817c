import { unlinkSync } from "node:fs";
import { expect } from "chai";
import type { CallEvent, ChannelFacts } from "../../src/core/call-event.ts";
import { timelineOf } from "../../src/journal/timeline.ts";
import { rule } from "../support/replay.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";
import { incomingCall } from "./call-events.ts";
import { type BenchOptions, openBench, type RecordingBench } from "./recording-bench.ts";
import { refused } from "./stand-in-asterisk.ts";

describe("taking a recording up anew", () => {
  const folder = temporaryFolder();
  let bench: RecordingBench;
  const call = incomingCall();
  const dave: ChannelFacts = { ...call.trunk, uniqueid: "100.7", name: "PJSIP/dave-00000007" };
  const at = (): Date => new Date();
  const bridgeId = "bridge-1";
  const enters = (channel: ChannelFacts): CallEvent => ({
    type: "BridgeEnter",
    at: at(),
    bridgeId,
    bridgeKind: "direct",
    channel,
  });
  const leaves = (channel: ChannelFacts): CallEvent => ({ type: "BridgeLeave", at: at(), bridgeId, channel });
  const hangsUp = (channel: ChannelFacts): CallEvent => ({ type: "Hangup", at: at(), channel, cause: 16 });
  const apply = (...events: readonly CallEvent[]): void => {
    for (const event of events) bench.monitor.apply(event);
  };
  const hears = (channel: ChannelFacts, ssrc: number, sequence = 1000): void =>
    apply({ type: "RtpHeard", at: at(), uniqueid: channel.uniqueid, ssrc, sequence });
  const captureOf = (channel: ChannelFacts) => bench.recorder.captureOf(channel.uniqueid)?.state;
  const runs = (channel: ChannelFacts): Promise<void> =>
    until("it is recorded", () => captureOf(channel) === "running");
  const done = (): readonly string[] =>
    bench.asterisk.done.map((line) => line.replace(/PJSIP\/(\w+)-.*/, "$1"));
  const open = async (options: BenchOptions = {}): Promise<void> => {
    bench = await openBench(folder(), options);
    bench.asterisk.ssrcs = new Map([
      [call.alice.name, 1],
      [call.trunk.name, 2],
    ]);
    apply(...call.rings(), ...call.isAnswered());
    await runs(call.alice);
  };
  const end = async (...channels: readonly ChannelFacts[]): Promise<void> => {
    for (const channel of channels) {
      bench.asterisk.hangUp(channel.name);
      apply(hangsUp(channel));
    }
    await bench.settled();
  };
  const timeline = async () => {
    const [row] = await bench.calls();
    return (await timelineOf(bench.journal.db, [row?.id ?? ""])).map(({ kind, params }) => ({
      kind,
      params,
    }));
  };
  const becomesDave = [leaves(call.trunk), enters(dave)];
  afterEach(() => bench.close());

  it("happens with each new peer, where the PBX would lose a voice", async () => {
    await open();
    apply(...becomesDave);
    await until("it was taken up", () => done().length === 3);
    expect(done()).to.deep.equal(["start alice", "stop alice", "append alice"]);
    await end(call.alice, call.trunk, dave);
  });

  it("does not happen with a new peer where the PBX loses nothing", async () => {
    await open({ losesRestartedRtp: false });
    apply(...becomesDave);
    expect(captureOf(call.alice)).to.equal("running");
    await end(call.alice, call.trunk, dave);
    expect(done()).to.deep.equal(["start alice"]);
    expect((await bench.recordings()).map((row) => row.state)).to.deep.equal(["finished"]);
  });

  it("is not needed by whoever is alone for a moment and then with the same people", async () => {
    await open();
    apply(leaves(call.trunk), enters(call.trunk));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(done()).to.deep.equal(["start alice"]);
    apply(leaves(call.trunk));
    await until("it has stopped", () => captureOf(call.alice) === "stopped");
    await end(call.alice, call.trunk);
  });

  it("stops at once where somebody is heard who must not be recorded", async () => {
    await open({ rules: () => [rule({ directions: { incoming: true, outgoing: true, internal: false } })] });
    apply(leaves(call.trunk), enters(dave));
    await new Promise(setImmediate);
    expect(done()).to.deep.equal(["start alice", "stop alice"]);
    await end(call.alice, call.trunk, dave);
  });

  it("asks a channel again that did not say whether it holds, though the connection is up", async () => {
    await open();
    apply(...call.isHeld());
    await until("it has stopped", () => captureOf(call.alice) === "stopped");
    bench.asterisk.holdRefusal = refused("pbx-timeout");
    apply(leaves(call.alice), { ...enters(call.alice), bridgeId: "b2" } as CallEvent);
    apply({ ...enters(dave), bridgeId: "b2" } as CallEvent);
    await runs(call.alice);
    await end(call.alice, call.trunk, dave);
  });

  it("heals a phone that begins its RTP anew, and says so", async () => {
    await open();
    hears(call.trunk, 2);
    hears(call.alice, 1);
    hears(dave, 99);
    expect(done()).to.deep.equal(["start alice"]);
    bench.asterisk.ssrcs.set(call.trunk.name, 3);
    hears(call.trunk, 3);
    await until("it was taken up", () => done().length === 3);
    expect(done()).to.deep.equal(["start alice", "stop alice", "append alice"]);
    hears(call.trunk, 3);
    hears(call.alice, 1);
    await end(call.alice, call.trunk);
    expect(done()).to.deep.equal(["start alice", "stop alice", "append alice"]);
    const [recording] = await bench.recordings();
    expect(await timeline()).to.deep.include({
      kind: "rtp-restarted",
      params: { who: "0301234567", recording: recording?.id },
    });
  });

  it("does not begin for people who fell silent while its row was being written", async () => {
    bench = await openBench(folder());
    apply(...call.rings(), ...call.isAnswered(), ...call.isHeld());
    await until("the call has a row", async () => (await bench.calls()).length === 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(done()).to.deep.equal([]);
    apply(...call.isResumed());
    await runs(call.alice);
    await end(call.alice, call.trunk);
    expect(done()).to.deep.equal(["start alice"]);
  });

  it("has nothing to say of people who fell silent before it could begin, and stay silent", async () => {
    bench = await openBench(folder());
    apply(...call.rings(), ...call.isAnswered(), ...call.isHeld());
    await until("the call has a row", async () => (await bench.calls()).length === 1);
    await end(call.alice, call.trunk);
    expect(await bench.recordings()).to.deep.equal([]);
    expect((await bench.calls()).map((row) => [row.outcome, row.reason_code])).to.deep.equal([
      ["not-due", "too-short"],
    ]);
  });

  it("does not ask twice for a restart that a hold has healed already", async () => {
    await open();
    apply(...call.isHeld());
    await until("it has stopped", () => captureOf(call.alice) === "stopped");
    bench.asterisk.ssrcs.set(call.trunk.name, 3);
    apply(...call.isResumed());
    await runs(call.alice);
    hears(call.trunk, 3);
    await end(call.alice, call.trunk);
    expect(done()).to.deep.equal(["start alice", "stop alice", "append alice"]);
  });

  it("leaves RTP alone where the PBX loses nothing", async () => {
    await open({ losesRestartedRtp: false });
    hears(call.trunk, 2);
    hears(call.trunk, 3);
    await end(call.alice, call.trunk);
    expect(done()).to.deep.equal(["start alice"]);
    expect((await timeline()).map(({ kind }) => kind)).to.not.include("rtp-restarted");
  });

  it("goes on with who was outside when the last member has left, where the rule says so", async () => {
    await open({ rules: () => [rule({ afterLeaving: "record" })] });
    bench.asterisk.hangUp(call.alice.name);
    apply(leaves(call.trunk), leaves(call.alice), hangsUp(call.alice), enters(call.trunk), enters(dave));
    await runs(call.trunk);
    await end(call.trunk, dave);
    const recordings = await bench.recordings();
    expect(recordings.map((row) => [row.state, row.channel_uniqueid, row.member_extension])).to.deep.equal([
      ["finished", call.alice.uniqueid, "10"],
      ["finished", call.trunk.uniqueid, "10"],
    ]);
    expect((await bench.calls()).map((row) => row.outcome)).to.deep.equal(["recorded"]);
  });

  it("stops with the last member otherwise", async () => {
    await open();
    bench.asterisk.hangUp(call.alice.name);
    apply(leaves(call.trunk), leaves(call.alice), hangsUp(call.alice), enters(call.trunk), enters(dave));
    await end(call.trunk, dave);
    expect(done()).to.deep.equal(["start alice"]);
  });

  it("goes on with who was outside also after the module was started again", async () => {
    const options = { rules: () => [rule({ afterLeaving: "record" })] };
    await open(options);
    bench.asterisk.hangUp(call.alice.name);
    apply(leaves(call.trunk), leaves(call.alice), hangsUp(call.alice), enters(call.trunk), enters(dave));
    await runs(call.trunk);
    const { asterisk } = bench;
    await bench.close();
    bench = await openBench(folder(), { ...options, asterisk });
    asterisk.snapshotChannels = [call.trunk, dave].map((channel) => ({
      ...channel,
      bridgeId,
      bridgeKind: "direct",
      onHold: false,
      durationMs: 1000,
    }));
    await bench.resync.onConnected();
    await runs(call.trunk);
    await end(call.trunk, dave);
    expect((await bench.recordings()).map((row) => row.state)).to.deep.equal(["finished", "finished"]);
  });

  it("asks a channel whether it still holds after it was moved, and records when it does not", async () => {
    await open();
    apply(...call.isHeld());
    await until("it has stopped", () => captureOf(call.alice) === "stopped");
    apply(leaves(call.alice), { ...enters(call.alice), bridgeId: "b2" } as CallEvent);
    apply({ ...enters(dave), bridgeId: "b2" } as CallEvent);
    await runs(call.alice);
    await end(call.alice, call.trunk, dave);
  });

  it("keeps to the hold of a channel that says so itself", async () => {
    await open();
    bench.asterisk.onHold.add(call.alice.name);
    apply(...call.isHeld());
    await until("it has stopped", () => captureOf(call.alice) === "stopped");
    apply(leaves(call.alice), { ...enters(call.alice), bridgeId: "b2" } as CallEvent);
    apply({ ...enters(dave), bridgeId: "b2" } as CallEvent);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(done()).to.deep.equal(["start alice", "stop alice"]);
    await end(call.alice, call.trunk, dave);
  });

  it("owes nothing of a conversation that was on hold from beginning to end", async () => {
    bench = await openBench(folder());
    bench.asterisk.onHold.add(call.trunk.name);
    apply(...call.rings(), { type: "Hold", at: at(), channel: call.trunk }, ...call.isAnswered());
    await end(call.alice, call.trunk);
    expect((await bench.calls()).map((row) => [row.outcome, row.reason_code])).to.deep.equal([
      ["not-due", "on-hold"],
    ]);
  });

  it("tells the story of it in the journal", async () => {
    await open();
    apply(...call.isHeld());
    await until("it has stopped", () => captureOf(call.alice) === "stopped");
    apply(...call.isResumed());
    await runs(call.alice);
    await end(call.alice, call.trunk);
    const [recording] = await bench.recordings();
    const id = { recording: recording?.id };
    expect(await timeline()).to.deep.equal([
      { kind: "talk", params: { member: "10", with: "0301234567" } },
      { kind: "recording", params: { ...id, offsetMs: 0 } },
      { kind: "hold", params: { member: "10", by: "10" } },
      { kind: "not-recording", params: id },
      { kind: "resume", params: { member: "10" } },
      { kind: "recording", params: { ...id, offsetMs: 1000 } },
      { kind: "left", params: { member: "10" } },
    ]);
    const channels = await bench.journal.db.selectFrom("call_channels").select("uniqueid").execute();
    expect(channels.map(({ uniqueid }) => uniqueid).sort()).to.deep.equal(
      [call.alice.uniqueid, call.trunk.uniqueid].sort(),
    );
  });

  it("has nothing to say of a conversation that ended as it began", async () => {
    await open({ mayBeEmptyBelowMs: 60_000 });
    const [recording] = await bench.recordings();
    unlinkSync(bench.spool.openPath(recording?.id ?? ""));
    bench.asterisk.leavesHeadersOpen = true;
    await end(call.alice, call.trunk);
    expect((await bench.calls()).map((row) => [row.outcome, row.reason_code])).to.deep.equal([
      ["not-due", "too-short"],
    ]);
  });
});
