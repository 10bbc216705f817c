import { expect } from "chai";
import {
  createFakeTarget,
  delivers,
  type FakeTarget,
  failsWith,
  hangsUntilAborted,
} from "../support/fake-target.ts";
import { atOnce, openTestQueue, type TestQueue } from "../support/test-queue.ts";
import { until } from "../support/until.ts";

describe("status of the transfer queue", () => {
  let test: TestQueue;
  let nas: FakeTarget;
  beforeEach(async () => {
    test = await openTestQueue();
    nas = createFakeTarget("nas");
    test.targets = [atOnce(nas)];
  });
  afterEach(() => test.remove());

  const add = (content = Buffer.alloc(1000)): Promise<string> =>
    test.journal.addRecording({ targetIds: ["nas"], at: test.now, content });
  const statusOf = async (targetId = "nas") => {
    const status = (await test.queue.status()).find((each) => each.targetId === targetId);
    if (status === undefined) throw new Error(`expected a status of ${targetId}`);
    return status;
  };

  it("of an idle target says so", async () => {
    await test.queue.start();
    expect(await statusOf()).to.deep.equal({
      targetId: "nas",
      targetName: "Target nas",
      kind: "fake",
      enabled: true,
      state: "idle",
      counts: { incoming: 0, active: 0, deferred: 0, hold: 0 },
      waiting: 0,
      waitingBytes: 0,
      onHold: 0,
      done: 0,
      oldestWaitingSince: undefined,
      nextRunAt: undefined,
      lastError: undefined,
      underWay: [],
    });
  });

  it("shows what is under way, and how far", async () => {
    nas.answer = (file, context) => {
      context.onProgress({ phase: "send", bytes: 400 });
      return hangsUntilAborted(file, context);
    };
    const recordingId = await add();
    await test.queue.start();
    await until("it is under way", async () => (await statusOf()).underWay[0]?.progress.bytes === 400);
    const status = await statusOf();
    expect(status).to.include({ state: "running", waiting: 1, waitingBytes: 1000 });
    expect(status.oldestWaitingSince).to.deep.equal(test.now);
    expect(status.underWay[0]).to.deep.include({
      recordingId,
      sizeBytes: 1000,
      startedAt: test.now,
      progress: { phase: "send", bytes: 400 },
    });
  });

  it("counts deliveries of this start and of those before", async () => {
    await add();
    await test.queue.start();
    await test.untilStates("done");
    expect((await statusOf()).done).to.equal(1);
    await add();
    test.queue.wake();
    await test.untilStates("done", "done");
    await until("both are counted", async () => (await statusOf()).done === 2);
    await test.restart();
    expect((await statusOf()).done).to.equal(2);
  });

  it("tells of a target that is down why, and when it is tried again", async () => {
    nas.answer = failsWith("connection-refused");
    await add();
    await test.queue.start();
    await test.untilStates("deferred");
    const status = await statusOf();
    expect(status.state).to.equal("unreachable");
    expect(status.nextRunAt).to.deep.equal(new Date(test.now.getTime() + 60_000));
    expect(status.lastError).to.include({ code: "connection-refused" });
    expect(status.lastError?.hint).to.match(/Start the server/);
    nas.answer = delivers;
    await test.pass(2);
    await test.untilStates("done");
    expect(await statusOf()).to.include({ state: "idle", lastError: undefined });
  });

  it("names the next run of a schedule", async () => {
    test.targets = [atOnce(nas, { schedule: { kind: "daily", time: "20:00" } })];
    await test.queue.start();
    expect((await statusOf()).nextRunAt).to.deep.equal(new Date("2026-06-01T18:00:00Z"));
  });

  it("does not forget the jobs of a target that was removed from the settings", async () => {
    await add();
    test.targets = [];
    await test.queue.start();
    expect(await statusOf()).to.include({ kind: "removed", enabled: false, waiting: 1, targetName: "nas" });
  });
});
