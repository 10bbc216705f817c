import { existsSync } from "node:fs";
import { expect } from "chai";
import type { CallEvent } from "../../src/core/call-event.ts";
import type { CleanupReport, CleanupRequest } from "../../src/core/cleanup.ts";
import { type Cleanup, type CleanupParts, createCleanup } from "../../src/recording/cleanup.ts";
import { createGrowthWatch } from "../../src/recording/growth-watch.ts";
import { readWavFacts } from "../../src/spool/wav-file.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";
import { incomingCall } from "./call-events.ts";
import { openBench, type RecordingBench } from "./recording-bench.ts";

type Call = ReturnType<typeof incomingCall>;

describe("cleanup", () => {
  const folder = temporaryFolder();
  let bench: RecordingBench;
  let cleanup: Cleanup;
  let calls: Call[];
  let clockMs: number;
  let stuckAfterMs: number;

  const open = (parts: Partial<CleanupParts> = {}): Cleanup =>
    createCleanup({
      db: bench.journal.db,
      actions: { coreShowChannels: async () => (await bench.asterisk.snapshot()).channels },
      recorder: bench.recorder,
      growthWatch: { quietForMs: () => 0 },
      diskWatch: bench.diskWatch,
      perseverance: bench.perseverance,
      log: { info: () => undefined, warn: () => undefined },
      now: () => new Date(),
      stuckAfterMs: () => stuckAfterMs,
      monotonicMs: () => performance.now() + clockMs,
      lookAgainAfterMs: 5,
      ...parts,
    });

  beforeEach(async () => {
    bench = await openBench(folder());
    await bench.resync.onConnected();
    calls = [];
    clockMs = 0;
    stuckAfterMs = 600_000;
    cleanup = open();
  });
  afterEach(() => bench.close());

  const tell = (events: readonly CallEvent[]): void => {
    for (const event of events) bench.resync.onEvent(event);
  };
  const inPbx = (...present: readonly Call[]): void => {
    bench.asterisk.snapshotChannels = present.flatMap((call) => call.inSnapshot());
  };
  const talk = async (): Promise<Call> => {
    const call = incomingCall(calls.length + 1);
    calls.push(call);
    tell([...call.rings(), ...call.isAnswered()]);
    inPbx(...calls);
    await until("it is recorded", () => bench.recorder.captureOf(call.alice.uniqueid)?.state === "running");
    return call;
  };
  /** The other side has gone; the member's channel stays, alone. */
  const leak = async (call: Call): Promise<void> => {
    tell(call.ends().filter(({ type }) => type === "BridgeLeave"));
    tell(call.ends().slice(2));
    bench.asterisk.hangUp(call.trunk.name);
    bench.asterisk.snapshotChannels = bench.asterisk.snapshotChannels
      .filter(({ uniqueid }) => uniqueid !== call.trunk.uniqueid)
      .map((channel) => (channel.uniqueid === call.alice.uniqueid ? { ...channel, bridgeId: "" } : channel));
    await until("nothing is written", () => !bench.asterisk.isRecorded(call.alice.name));
    clockMs = stuckAfterMs;
  };
  const hangUp = async (call: Call): Promise<void> => {
    for (const channel of [call.alice, call.trunk]) bench.asterisk.hangUp(channel.name);
    tell(call.ends());
    await bench.settled();
  };
  const run = (request: Partial<CleanupRequest> = {}): Promise<CleanupReport> =>
    cleanup.run({ force: false, dryRun: false, ...request });
  const found = async (request: Partial<CleanupRequest> = {}): Promise<readonly string[]> =>
    (await run(request)).recordings.map(({ reason, state }) => `${reason}: ${state}`);
  const rows = async () => (await bench.recordings()).map((row) => [row.state, row.cut_off]);
  const outcomes = async () => (await bench.calls()).map((row) => `${row.outcome}: ${row.reason_code}`);

  it("finishes a leaked one as any other, marks it as cut off and says so in the call's timeline", async () => {
    await leak(await talk());
    expect(await found()).to.deep.equal(["channel-leaked: finished"]);
    const [recording] = await bench.recordings();
    expect([recording?.state, recording?.cut_off]).to.deep.equal(["finished", "stuck"]);
    const facts = await readWavFacts(bench.spool.transferPath(recording?.file_name ?? ""));
    expect([facts.closed, facts.durationMs]).to.deep.equal([true, recording?.duration_ms]);
    expect((await bench.jobs()).map(({ recording_id }) => recording_id)).to.deep.equal([recording?.id]);
    const entries = await bench.journal.db.selectFrom("timeline").selectAll().execute();
    expect(
      entries.filter(({ kind }) => kind === "freed").map(({ call_id, params }) => [call_id, params]),
    ).to.deep.equal([[recording?.call_id, JSON.stringify({ recording: recording?.id, cutOff: "stuck" })]]);
  });

  it("leaves a live call beside it alone", async () => {
    const live = await talk();
    await leak(await talk());
    expect((await run()).left).to.equal(1);
    expect(bench.asterisk.isRecorded(live.alice.name)).to.equal(true);
    await hangUp(live);
    expect(await rows()).to.deep.equal([
      ["finished", null],
      ["finished", "stuck"],
    ]);
  });

  it("leaves a call on hold alone, however long it takes", async () => {
    const call = await talk();
    tell(call.isHeld());
    await until("nothing is written", () => !bench.asterisk.isRecorded(call.alice.name));
    clockMs = stuckAfterMs * 100;
    expect(await found()).to.deep.equal([]);
  });

  it("asks the PBX and believes it, not the events, when a channel is gone", async () => {
    const call = await talk();
    inPbx();
    bench.asterisk.hangUp(call.alice.name);
    expect(await found()).to.deep.equal(["channel-gone: finished"]);
    expect(await rows()).to.deep.equal([["finished", "stuck"]]);
  });

  it("looks twice: what the PBX forgot to tell of for a moment goes on", async () => {
    await talk();
    let looks = 0;
    cleanup = open({
      actions: {
        coreShowChannels: async () => {
          looks += 1;
          return looks === 1 ? [] : (await bench.asterisk.snapshot()).channels;
        },
      },
    });
    expect(await found()).to.deep.equal([]);
    expect([looks, await rows()]).to.deep.equal([2, [["open", null]]]);
  });

  it("leaves its own end to a call that is hung up between the two looks", async () => {
    const call = await talk();
    inPbx();
    const report = run();
    await hangUp(call);
    expect((await report).recordings).to.deep.equal([]);
    expect(await rows()).to.deep.equal([["finished", null]]);
  });

  it("frees a recording whose file does not grow, unless the disk is full", async () => {
    const call = await talk();
    let nowMs = 0;
    const growthWatch = createGrowthWatch({
      spool: bench.spool,
      conditions: bench.conditions,
      now: () => new Date(),
      monotonicMs: () => performance.now() + nowMs,
    });
    cleanup = open({ growthWatch });
    const look = () => growthWatch.check(bench.recorder.running());
    await look();
    expect(await found()).to.deep.equal([]);
    nowMs = stuckAfterMs;
    bench.free.bytes = 0;
    await bench.diskWatch.check();
    expect(await found()).to.deep.equal([]);
    bench.free.bytes = 1e12;
    await bench.diskWatch.check();
    expect(await found()).to.deep.equal(["not-growing: finished"]);
    expect(bench.asterisk.isRecorded(call.alice.name)).to.equal(false);
  });

  it("changes nothing in a dry run, and says what it would do", async () => {
    await leak(await talk());
    expect(await found({ dryRun: true })).to.deep.equal(["channel-leaked: found"]);
    expect(await rows()).to.deep.equal([["open", null]]);
  });

  it("does nothing, and says why, while the PBX does not answer", async () => {
    await leak(await talk());
    bench.asterisk.isCutOff = true;
    const error = await run().catch((failure: { code: string }) => failure.code);
    expect(error).to.equal("pbx-not-connected");
    expect(await rows()).to.deep.equal([["open", null]]);
  });

  it("leaves a recording open that the PBX may still write, and takes it over at the next connect", async () => {
    const call = await talk();
    const showsAndThenLosesTheConnection = async () => {
      const { channels } = await bench.asterisk.snapshot();
      bench.asterisk.isCutOff = true;
      return channels;
    };
    cleanup = open({ actions: { coreShowChannels: showsAndThenLosesTheConnection } });
    expect(await found({ force: true })).to.deep.equal(["forced: left"]);
    expect(await rows()).to.deep.equal([["open", null]]);
    bench.resync.onDisconnected();
    bench.asterisk.isCutOff = false;
    await bench.resync.onConnected();
    await until("it goes on", () => bench.recorder.captureOf(call.alice.uniqueid)?.state === "running");
    await hangUp(call);
    expect(await rows()).to.deep.equal([["finished", null]]);
    expect(await outcomes()).to.deep.equal(["recorded: by-rule"]);
  });

  it("by force ends live ones too, and begins none for the same people again", async () => {
    const call = await talk();
    await leak(await talk());
    expect(await found({ force: true })).to.deep.equal(["channel-leaked: finished", "forced: finished"]);
    tell([...call.isHeld(), ...call.isResumed()]);
    expect(bench.asterisk.recordedChannels()).to.deep.equal([]);
    await hangUp(call);
    expect((await bench.calls())[0]?.outcome).to.equal("recorded");
    expect(await rows()).to.deep.equal([
      ["finished", "forced"],
      ["finished", "stuck"],
    ]);
  });

  it("by force ends one on hold, and begins none when the same people go on", async () => {
    const call = await talk();
    tell(call.isHeld());
    await until("nothing is written", () => !bench.asterisk.isRecorded(call.alice.name));
    expect(await found({ force: true })).to.deep.equal(["forced: finished"]);
    tell(call.isResumed());
    expect(bench.recorder.survey()).to.deep.equal([]);
    await hangUp(call);
    expect(await rows()).to.deep.equal([["finished", "forced"]]);
  });

  it("gives a call that ends while its recording is being freed the outcome that it deserves", async () => {
    const call = await talk();
    bench.asterisk.leavesHeadersOpen = true;
    const report = run({ force: true });
    await until("it is stopped", () => !bench.asterisk.isRecorded(call.alice.name));
    await hangUp(call);
    expect((await report).recordings.map(({ state }) => state)).to.deep.equal(["finished"]);
    expect(await outcomes()).to.deep.equal(["recorded: by-rule"]);
    expect(existsSync(bench.spool.openPath((await bench.recordings())[0]?.id ?? ""))).to.equal(false);
  });

  it("answers in time where one takes long, which goes on", async () => {
    await talk();
    bench.asterisk.leavesHeadersOpen = true;
    cleanup = open({ answerWithinMs: 10 });
    expect(await found({ force: true })).to.deep.equal(["forced: under-way"]);
    await until("it is finished", async () => (await bench.recordings())[0]?.state === "finished");
  });

  it("leaves a conversation alone that the PBX shows in no bridge for a moment", async () => {
    const call = await talk();
    bench.asterisk.snapshotChannels = call.inSnapshot().map((channel) => ({ ...channel, bridgeId: "" }));
    clockMs = stuckAfterMs * 100;
    expect(await found()).to.deep.equal([]);
  });

  it("never runs twice at once", async () => {
    await leak(await talk());
    let asking = 0;
    let mostAsking = 0;
    const coreShowChannels = async () => {
      asking += 1;
      mostAsking = Math.max(mostAsking, asking);
      const { channels } = await bench.asterisk.snapshot();
      asking -= 1;
      return channels;
    };
    cleanup = open({ actions: { coreShowChannels } });
    expect(await Promise.all([found(), found()])).to.deep.equal([["channel-leaked: finished"], []]);
    expect(mostAsking).to.equal(1);
  });
});
