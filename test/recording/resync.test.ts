import { unlinkSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import type { CallEvent } from "../../src/core/call-event.ts";
import { newId, openCall } from "../../src/journal/calls.ts";
import { openRecording, reserveName } from "../../src/journal/recordings.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";
import { wavBytes } from "../support/wav.ts";
import { incomingCall } from "./call-events.ts";
import { type BenchOptions, openBench, type RecordingBench } from "./recording-bench.ts";
import { refused } from "./stand-in-asterisk.ts";

describe("resynchronisation", () => {
  const folder = temporaryFolder();
  const call = incomingCall();
  let bench: RecordingBench;

  beforeEach(async () => {
    bench = await openBench(folder());
    await bench.resync.onConnected();
  });
  afterEach(() => bench.close());

  const tell = (events: readonly CallEvent[]): void => {
    for (const event of events) bench.resync.onEvent(event);
  };
  const capture = () => bench.recorder.captureOf(call.alice.uniqueid)?.state;
  const isRecorded = (): boolean => bench.asterisk.isRecorded(call.alice.name);
  const recorded = async (): Promise<void> => {
    tell([...call.rings(), ...call.isAnswered()]);
    await until("it is recorded", () => capture() === "running");
  };
  /** kill -9, and started again; Asterisk goes on meanwhile. */
  const restart = async (options: BenchOptions = {}): Promise<void> => {
    await bench.close();
    bench = await openBench(folder(), { ...options, asterisk: bench.asterisk });
  };
  const connect = async (channels = call.inSnapshot()): Promise<void> => {
    bench.asterisk.snapshotChannels = channels;
    await bench.resync.onConnected();
  };
  const hangUp = async (): Promise<void> => {
    for (const channel of [call.alice, call.trunk]) bench.asterisk.hangUp(channel.name);
    tell(call.ends());
    await bench.settled();
  };
  const outcomes = async () => (await bench.calls()).map((row) => `${row.outcome}: ${row.reason_code}`);
  const states = async () => (await bench.recordings()).map((row) => row.state);
  const cutOff = (): void => {
    bench.asterisk.isCutOff = true;
    bench.resync.onDisconnected();
  };

  it("takes over a recording that goes on in Asterisk, into the same file", async () => {
    await recorded();
    await restart();
    await connect();
    await until("it is recorded again", () => capture() === "running");
    await hangUp();
    const { name } = call.alice;
    expect(bench.asterisk.done).to.deep.equal([`start ${name}`, `stop ${name}`, `append ${name}`]);
    expect(bench.asterisk.doubled).to.deep.equal([]);
    expect([await states(), await outcomes()]).to.deep.equal([["finished"], ["recorded: by-rule"]]);
  });

  it("goes on with a recording that was stopped when the module was killed", async () => {
    await recorded();
    tell(call.isHeld());
    await until("it has stopped", () => capture() === "stopped");
    await restart();
    await connect();
    await until("it is recorded again", () => capture() === "running" && isRecorded());
    await hangUp();
    expect([await states(), await outcomes()]).to.deep.equal([["finished"], ["recorded: by-rule"]]);
  });

  it("stops a recording that the rules no longer want", async () => {
    await recorded();
    await restart({ rules: () => [] });
    await connect();
    await until("it has stopped", () => capture() === "stopped");
    expect(isRecorded()).to.equal(false);
    await hangUp();
    expect(await outcomes()).to.deep.equal(["recorded: by-rule"]);
  });

  it("finishes what ended while nobody looked, and leaves no row open", async () => {
    await recorded();
    await restart();
    bench.asterisk.hangUp(call.alice.name);
    await connect([]);
    await bench.settled();
    const [recording] = await bench.recordings();
    expect([recording?.state, recording?.duration_ms]).to.deep.equal(["finished", 1000]);
    expect(await outcomes()).to.deep.equal(["recorded: by-rule"]);
  });

  it("counts a recording that ended unseen to the call that goes on", async () => {
    await recorded();
    await restart();
    bench.asterisk.hangUp(call.alice.name);
    await connect(call.inSnapshot().filter((channel) => channel.uniqueid === call.trunk.uniqueid));
    await hangUp();
    expect([await states(), await outcomes()]).to.deep.equal([["finished"], ["recorded: by-rule"]]);
  });

  it("lets events that arrive early wait for the snapshot", async () => {
    await recorded();
    await restart();
    tell(call.isAnswered());
    expect(bench.monitor.liveCalls()).to.deep.equal([]);
    await connect();
    expect(bench.monitor.liveCalls()).to.have.length(1);
    await hangUp();
    expect(await bench.recordings()).to.have.length(1);
  });

  it("begins what it finds without taking its row for one that was left behind", async () => {
    await connect();
    await bench.recovery.done();
    await until("it is recorded", () => capture() === "running");
    await hangUp();
    expect((await bench.recordings()).map((row) => [row.state, row.reason_code])).to.deep.equal([
      ["finished", null],
    ]);
  });

  it("stops what it could not stop before the connection broke", async () => {
    await recorded();
    cutOff();
    for (const event of call.isHeld()) bench.monitor.apply(event);
    await until("its state is in doubt", () => capture() === "doubtful");
    bench.asterisk.isCutOff = false;
    await connect();
    await until("it has stopped", () => capture() === "stopped");
    expect(isRecorded()).to.equal(false);
    tell(call.isResumed());
    await until("it is recorded again", () => capture() === "running");
    expect(bench.asterisk.doubled).to.deep.equal([]);
    await hangUp();
  });

  it("has one MixMonitor on the channel when the answer to the first was lost", async () => {
    bench.asterisk.losesAnswer = true;
    tell([...call.rings(), ...call.isAnswered()]);
    await until("its state is in doubt", () => capture() === "doubtful");
    bench.resync.onDisconnected();
    await connect();
    await until("it is recorded", () => capture() === "running");
    expect([bench.asterisk.doubled, bench.asterisk.recordedChannels()]).to.deep.equal([
      [],
      [call.alice.name],
    ]);
    await hangUp();
    expect(await outcomes()).to.deep.equal(["recorded: by-rule"]);
  });

  it("lets a picture go that was overtaken by the next connection", async () => {
    const old = bench.resync.onConnected();
    bench.resync.onDisconnected();
    await connect();
    await old;
    expect(bench.monitor.liveCalls()).to.have.length(1);
    await hangUp();
  });

  it("keeps events in line while it is disconnected, whatever the former connection still answers", async () => {
    const old = bench.resync.onConnected();
    bench.resync.onDisconnected();
    await old;
    tell(call.rings());
    expect(bench.monitor.liveCalls()).to.deep.equal([]);
  });

  it("asks again, and says so, when the PBX refuses to tell its channels", async () => {
    bench.resync.onDisconnected();
    bench.asterisk.snapshotError = refused("pbx-permission-denied");
    const connected = connect();
    await until("it is told", () => bench.conditions.list().some((c) => c.code === "pbx-channels-unknown"));
    bench.asterisk.snapshotError = undefined;
    await connected;
    expect(bench.conditions.list()).to.deep.equal([]);
    expect(bench.monitor.liveCalls()).to.have.length(1);
  });

  it("takes a new picture when more happened than could wait in line", async () => {
    await restart({ mostWaiting: 2 });
    tell([...call.rings(), ...call.isAnswered()]);
    await connect([]);
    expect(bench.monitor.liveCalls()).to.deep.equal([]);
    await connect();
    expect(bench.monitor.liveCalls()).to.have.length(1);
  });

  it("finishes what it finds under a former name of the PBX", async () => {
    await recorded();
    await restart({ pbxId: () => "renamed" });
    bench.asterisk.hangUp(call.alice.name);
    await connect([]);
    await bench.settled();
    expect([await states(), await outcomes()]).to.deep.equal([["finished"], ["recorded: by-rule"]]);
  });

  it("keeps a call open whose recording goes on although its channel has moved to another call", async () => {
    await recorded();
    await restart();
    const other = "200.1";
    await connect(call.inSnapshot().map((channel) => ({ ...channel, linkedid: other })));
    await bench.recovery.done();
    expect((await bench.calls()).map((row) => [row.linkedid, row.outcome])).to.deep.equal([
      [call.linkedid, null],
      [other, null],
    ]);
    await hangUp();
    expect(await outcomes()).to.deep.equal(["recorded: by-rule", "recorded: by-rule"]);
  });
});

describe("recovery", () => {
  const folder = temporaryFolder();
  let bench: RecordingBench;

  beforeEach(async () => {
    bench = await openBench(folder());
  });
  afterEach(() => bench.close());

  /** As a former run of the module left it: with a name reserved, or without. */
  const leftBehind = async (linkedid: string, fileName: string | undefined): Promise<string> => {
    const { db } = bench.journal;
    const startedAt = new Date();
    const facts = { linkedid, startedAt, fromNumber: "", fromName: "", toNumber: "" };
    const callId = await openCall(db, { id: newId(), pbxId: "pbx", ...facts });
    const id = newId();
    const rule = {
      ruleId: "sales",
      ruleName: "Sales",
      memberExtension: "10",
      direction: "incoming",
    } as const;
    const numbers = { fromNumber: "", toNumber: "", channelUniqueid: `${linkedid}1` };
    await openRecording(db, { id, callId, pbxId: "pbx", startedAt, ...rule, ...numbers });
    writeFileSync(bench.spool.openPath(id), wavBytes({ durationMs: 1000 }));
    const audio = { endedAt: startedAt, durationMs: 1000, sizeBytes: 16_044, sha256: "ab" };
    if (fileName !== undefined) await reserveName(db, id, audio, () => fileName);
    return id;
  };
  const outcomes = async () =>
    Object.fromEntries((await bench.calls()).map((row) => [row.linkedid, row.reason_code]));

  it("fails a recording whose file has vanished between two steps", async () => {
    unlinkSync(bench.spool.openPath(await leftBehind("1.0", "a.wav")));
    await bench.resync.onConnected();
    await bench.settled();
    expect(await outcomes()).to.deep.equal({ "1.0": "no-file" });
  });

  it("lets a file that cannot be finished keep no other from it", async () => {
    await leftBehind("1.0", "taken.wav");
    writeFileSync(bench.spool.transferPath("taken.wav"), "somebody else's");
    await leftBehind("2.0", undefined);
    await bench.resync.onConnected();
    await until("the other is finished", async () => (await outcomes())["2.0"] === "by-rule");
    expect(await outcomes()).to.deep.equal({ "1.0": null, "2.0": "by-rule" });
    expect(bench.conditions.list().map((condition) => condition.code)).to.deep.equal(["name-taken"]);
    unlinkSync(bench.spool.transferPath("taken.wav"));
    await bench.settled();
    expect(await outcomes()).to.deep.equal({ "1.0": "by-rule", "2.0": "by-rule" });
  });
});
