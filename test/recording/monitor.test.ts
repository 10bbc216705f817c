import { existsSync } from "node:fs";
import { expect } from "chai";
import type { CallEvent } from "../../src/core/call-event.ts";
import { readWavFacts } from "../../src/spool/wav-file.ts";
import { rule } from "../support/replay.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { unhandledRejectionsDuring } from "../support/unhandled-rejections.ts";
import { until } from "../support/until.ts";
import { incomingCall } from "./call-events.ts";
import { openBench, type RecordingBench } from "./recording-bench.ts";
import { refused } from "./stand-in-asterisk.ts";

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
    for (const channel of [call.alice, call.trunk]) bench.asterisk.hangUp(channel.name);
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
    expect(recording?.cut_off).to.equal(null);
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
    expect(recording?.cut_off).to.equal("pbx-gone");
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
      await until("it failed", () => ["failed", "doubtful"].includes(captureOf(call) ?? ""));
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
    await until("it failed or runs", () => ["doubtful", "running"].includes(captureOf(call) ?? ""));
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

  it("heeds a hold that is told in the same breath as something else", async () => {
    const call = incomingCall();
    apply([...call.rings(), ...call.isAnswered()]);
    await runs(call);
    const news: CallEvent = { type: "ChannelUpdate", at: new Date(), channel: call.alice };
    apply([news, ...call.isHeld()]);
    await until("it has stopped", () => captureOf(call) === "stopped");
    apply([news, ...call.isResumed()]);
    await runs(call);
    await hangUp(call);
  });

  it("is not settled before each of two calls under one linkedid is closed", async () => {
    const call = incomingCall();
    apply([...call.rings(), ...call.isAnswered()]);
    await runs(call);
    bench.asterisk.leavesHeadersOpen = true;
    bench.asterisk.hangUp(call.alice.name);
    const channel = { ...call.trunk, uniqueid: "late" };
    apply([
      ...call.ends(),
      { type: "Newchannel", at: new Date(), channel },
      { type: "Hangup", at: new Date(), channel, cause: 16 },
    ]);
    await bench.monitor.settled();
    expect(bench.monitor.holds(call.linkedid)).to.equal(false);
    expect((await bench.recordings()).map((row) => row.state)).to.deep.equal(["finished"]);
  });

  it("does not call a recording whole whose second part the PBX refused", async () => {
    const call = incomingCall();
    apply([...call.rings(), ...call.isAnswered()]);
    await runs(call);
    apply(call.isHeld());
    await until("it has stopped", () => captureOf(call) === "stopped");
    bench.asterisk.refusal = refused("pbx-permission-denied");
    apply(call.isResumed());
    await until("it failed", () => captureOf(call) === "failed");
    await hangUp(call);
    expect((await bench.recordings()).map((row) => row.state)).to.deep.equal(["finished"]);
    expect((await bench.calls()).map((row) => [row.outcome, row.reason_code])).to.deep.equal([
      ["failed", "pbx-refused"],
    ]);
  });

  it("tries again as soon as there is space while people still talk", async () => {
    bench.free.bytes = 1024 * 1024;
    await bench.diskWatch.check();
    const call = incomingCall();
    apply([...call.rings(), ...call.isAnswered()]);
    await until("it failed", () => captureOf(call) === "failed");
    bench.free.bytes = 1e12;
    await bench.diskWatch.check();
    apply([{ type: "ChannelUpdate", at: new Date(), channel: call.alice }]);
    await runs(call);
    await hangUp(call);
  });

  it("asks once more when an answer did not come, and ends with one MixMonitor", async () => {
    bench.asterisk.refusal = refused("pbx-timeout");
    const call = incomingCall();
    apply([...call.rings(), ...call.isAnswered()]);
    await runs(call);
    expect(bench.asterisk.recordedChannels()).to.deep.equal([call.alice.name]);
    await hangUp(call);
  });

  it("leaves to the next start what is being finished while the call goes on, and does not fall over", async () => {
    const call = incomingCall();
    apply([...call.rings(), ...call.isAnswered()]);
    await runs(call);
    await bench.journal.close();
    bench.asterisk.hangUp(call.alice.name);
    apply(call.ends().slice(0, 2));
    await until("the journal is missed", () => bench.conditions.list().length > 0);
    const unhandled = await unhandledRejectionsDuring(async () => {
      bench.perseverance.stop();
      await until("it has given up", () => captureOf(call) === undefined);
    });
    expect(unhandled).to.deep.equal([]);
    expect(bench.conditions.list()).to.deep.equal([]);
  });

  it("gives each row the PBX's name of the time when its call began", async () => {
    await bench.close();
    let pbxId = "former";
    bench = await openBench(folder(), { pbxId: () => pbxId });
    const call = incomingCall();
    apply(call.rings());
    pbxId = "present";
    apply(call.isAnswered());
    await runs(call);
    await hangUp(call);
    expect([...(await bench.calls()), ...(await bench.recordings())].map((row) => row.pbx_id)).to.deep.equal([
      "former",
      "former",
    ]);
  });
});
