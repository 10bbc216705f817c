import { existsSync } from "node:fs";
import { expect } from "chai";
import type { CallEvent } from "../../src/core/call-event.ts";
import { readWavFacts } from "../../src/spool/wav-file.ts";
import { rule } from "../support/replay.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";
import { incomingCall } from "./call-events.ts";
import { openBench, type RecordingBench, refused } from "./recording-bench.ts";

describe("recording of a call", () => {
  const folder = temporaryFolder();
  let bench: RecordingBench;
  const apply = (events: readonly CallEvent[]): void => {
    for (const event of events) bench.monitor.apply(event);
  };
  const captureOf = (call: ReturnType<typeof incomingCall>) =>
    bench.recorder.captureOf(call.alice.uniqueid)?.state;
  const runs = async (call: ReturnType<typeof incomingCall>): Promise<void> => {
    await until("it is recorded", () => captureOf(call) === "running");
  };
  const hangUp = async (call: ReturnType<typeof incomingCall>): Promise<void> => {
    bench.asterisk.hangUp(call.alice.name);
    apply(call.ends());
    await bench.monitor.settled();
  };

  beforeEach(async () => {
    bench = await openBench(folder());
  });
  afterEach(() => bench.close());

  it("ends as a file in the transfer folder, a job for each target and one outcome", async () => {
    const call = incomingCall();
    apply([...call.rings(), ...call.isAnswered()]);
    await runs(call);
    await hangUp(call);
    const [recording] = await bench.recordings();
    expect(recording?.state).to.equal("finished");
    expect(recording?.file_name).to.match(/^Aufnahme_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d_0301234567_10\.wav$/);
    const path = bench.spool.transferPath(recording?.file_name ?? "");
    expect((await readWavFacts(path)).durationMs).to.equal(recording?.duration_ms);
    expect((await bench.jobs()).map((job) => [job.target_id, job.state])).to.deep.equal([
      ["nas", "incoming"],
    ]);
    expect(bench.finished).to.deep.equal([recording?.id]);
    const [row] = await bench.calls();
    expect([row?.outcome, row?.reason_code, row?.direction, row?.member_extension]).to.deep.equal([
      "recorded",
      "by-rule",
      "incoming",
      "10",
    ]);
  });

  it("has its row in the journal before Asterisk is asked", async () => {
    let rowsAtStart = -1;
    bench.asterisk.onStart = async () => {
      rowsAtStart = (await bench.recordings()).length;
    };
    const call = incomingCall();
    apply([...call.rings(), ...call.isAnswered()]);
    await runs(call);
    expect(rowsAtStart).to.equal(1);
  });

  it("stops while somebody is on hold and goes on in the same file after a gap", async () => {
    const call = incomingCall();
    apply([...call.rings(), ...call.isAnswered()]);
    await runs(call);
    apply(call.isHeld());
    await until("it has stopped", () => captureOf(call) === "stopped");
    const stoppedAt = performance.now();
    apply(call.isResumed());
    await runs(call);
    expect(performance.now() - stoppedAt).to.be.at.least(55);
    await hangUp(call);
    const name = call.alice.name;
    expect(bench.asterisk.done.slice(0, 3)).to.deep.equal([
      `start ${name}`,
      `stop ${name}`,
      `append ${name}`,
    ]);
    expect(await bench.recordings()).to.have.length(1);
  });

  it("gives two recordings of one second different names", async () => {
    const calls = [incomingCall(1), incomingCall(2)];
    for (const call of calls) apply([...call.rings(), ...call.isAnswered()]);
    for (const call of calls) await runs(call);
    await Promise.all(calls.map(hangUp));
    const names = (await bench.recordings()).map((row) => row.file_name ?? "");
    expect(new Set(names).size).to.equal(2);
    for (const name of names) expect(existsSync(bench.spool.transferPath(name)), name).to.equal(true);
  });

  it("writes the lengths into a header that was left open", async () => {
    bench.asterisk.leavesHeadersOpen = true;
    const call = incomingCall();
    apply([...call.rings(), ...call.isAnswered()]);
    await runs(call);
    await hangUp(call);
    const [recording] = await bench.recordings();
    const facts = await readWavFacts(bench.spool.transferPath(recording?.file_name ?? ""));
    expect([facts.closed, facts.durationMs]).to.deep.equal([true, 1000]);
  });

  it("leaves no file and no row of a call that nobody answered", async () => {
    const call = incomingCall();
    apply(call.rings());
    await hangUp(call);
    expect(await bench.recordings()).to.deep.equal([]);
    expect((await bench.calls()).map((row) => [row.outcome, row.reason_code, row.direction])).to.deep.equal([
      ["not-due", "abandoned", "incoming"],
    ]);
  });

  for (const [code, reasonCode] of [
    ["pbx-no-such-channel", "channel-gone"],
    ["pbx-permission-denied", "pbx-refused"],
    ["pbx-not-connected", "pbx-connection-lost"],
  ] as const) {
    it(`fails with the reason when the PBX answers ${code}`, async () => {
      bench.asterisk.refusal = refused(code);
      const call = incomingCall();
      apply([...call.rings(), ...call.isAnswered().slice(0, 1)]);
      await until("it failed", () => captureOf(call) === "failed");
      await hangUp(call);
      const [row] = await bench.calls();
      expect([row?.outcome, row?.reason_code]).to.deep.equal(["failed", reasonCode]);
      expect((await bench.recordings()).map((r) => r.state)).to.deep.equal(["failed"]);
    });
  }

  it("is begun again when the connection comes back while people still talk", async () => {
    bench.asterisk.refusal = refused("pbx-connection-lost");
    const call = incomingCall();
    apply([...call.rings(), ...call.isAnswered()]);
    await until("it failed or runs", () => ["failed", "running"].includes(captureOf(call) ?? ""));
    bench.asterisk.snapshotChannels = call.inSnapshot();
    await bench.resync.onConnected();
    await runs(call);
    await hangUp(call);
    expect((await bench.calls()).map((row) => row.outcome)).to.deep.equal(["recorded"]);
    expect(await bench.recordings()).to.have.length(1);
  });

  it("fails, and says so, when the PBX said yes but there is no file", async () => {
    const call = incomingCall();
    apply([...call.rings(), ...call.isAnswered()]);
    await runs(call);
    const [recording] = await bench.recordings();
    await bench.spool.removeOpen(recording?.id ?? "");
    await hangUp(call);
    expect((await bench.calls()).map((row) => [row.outcome, row.reason_code])).to.deep.equal([
      ["failed", "no-file"],
    ]);
  });

  it("is not begun on a full disk, says why, and the next one is when there is space", async () => {
    bench.free.bytes = 1024 * 1024;
    await bench.diskWatch.check();
    const full = incomingCall(1);
    apply([...full.rings(), ...full.isAnswered()]);
    await until("it failed", () => captureOf(full) === "failed");
    await hangUp(full);
    expect(bench.conditions.list().map((c) => c.code)).to.deep.equal(["disk-full"]);
    expect(bench.asterisk.done).to.deep.equal([]);
    bench.free.bytes = 1e12;
    await bench.diskWatch.check();
    const next = incomingCall(2);
    apply([...next.rings(), ...next.isAnswered()]);
    await runs(next);
    await hangUp(next);
    expect(bench.conditions.list()).to.deep.equal([]);
    expect((await bench.calls()).map((row) => [row.outcome, row.reason_code])).to.deep.equal([
      ["failed", "disk-full"],
      ["recorded", "by-rule"],
    ]);
  });

  it("keeps to the rules that were in force when the call began", async () => {
    await bench.close();
    let rules = [rule()];
    bench = await openBench(folder(), { rules: () => rules });
    const call = incomingCall();
    apply(call.rings());
    rules = [];
    apply(call.isAnswered());
    await runs(call);
    await hangUp(call);
  });
});

describe("resynchronisation", () => {
  const folder = temporaryFolder();
  const call = incomingCall();

  /** A module that is ended, kill -9, while the call is being recorded; the file stays as Asterisk has it. */
  async function killedInMidCall(): Promise<RecordingBench> {
    const bench = await openBench(folder());
    for (const event of [...call.rings(), ...call.isAnswered()]) bench.monitor.apply(event);
    await until("it is recorded", () => bench.recorder.captureOf(call.alice.uniqueid)?.state === "running");
    await bench.close();
    return bench;
  }

  it("takes over a recording that goes on in Asterisk, without a second one", async () => {
    const former = await killedInMidCall();
    const bench = await openBench(folder());
    bench.asterisk.running.set(call.alice.name, "");
    bench.asterisk.snapshotChannels = call.inSnapshot();
    await bench.resync.onConnected();
    await bench.resync.recovered();
    expect(bench.recorder.captureOf(call.alice.uniqueid)?.state).to.equal("running");
    former.asterisk.hangUp(call.alice.name);
    for (const event of call.ends()) bench.monitor.apply(event);
    await bench.monitor.settled();
    expect(bench.asterisk.done.filter((what) => !what.startsWith("stop"))).to.deep.equal([]);
    expect((await bench.recordings()).map((row) => row.state)).to.deep.equal(["finished"]);
    expect((await bench.calls()).map((row) => row.outcome)).to.deep.equal(["recorded"]);
    await bench.close();
  });

  it("finishes what ended while nobody looked, and leaves no row open", async () => {
    const former = await killedInMidCall();
    former.asterisk.hangUp(call.alice.name);
    const bench = await openBench(folder());
    await bench.resync.onConnected();
    await bench.resync.recovered();
    const [recording] = await bench.recordings();
    expect([recording?.state, recording?.duration_ms]).to.deep.equal(["finished", 1000]);
    expect((await bench.calls()).map((row) => row.outcome)).to.deep.equal(["recorded"]);
    await bench.close();
  });

  it("lets events that arrive early wait for the snapshot", async () => {
    await killedInMidCall();
    const bench = await openBench(folder());
    bench.asterisk.running.set(call.alice.name, "");
    bench.asterisk.snapshotChannels = call.inSnapshot();
    for (const event of call.isAnswered()) bench.resync.onEvent(event);
    expect(bench.monitor.liveCalls()).to.deep.equal([]);
    await bench.resync.onConnected();
    await bench.resync.recovered();
    expect(bench.monitor.liveCalls()).to.have.length(1);
    expect(await bench.recordings()).to.have.length(1);
    await bench.close();
  });
});
