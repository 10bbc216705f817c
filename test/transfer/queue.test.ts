import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { sql } from "kysely";
import { createFolderTarget } from "../../src/transfer/targets/folder.ts";
import {
  createFakeTarget,
  delivers,
  type FakeTarget,
  failsWith,
  hangsUntilAborted,
  slowly,
} from "../support/fake-target.ts";
import { sha256 } from "../support/outgoing.ts";
import { atOnce, openTestQueue, type TestQueue } from "../support/test-queue.ts";
import { until } from "../support/until.ts";

describe("transfer queue", () => {
  let test: TestQueue;
  let nas: FakeTarget;
  beforeEach(async () => {
    test = await openTestQueue();
    nas = createFakeTarget("nas");
    test.targets = [atOnce(nas)];
  });
  afterEach(() => test.remove());

  /** A recording that has just been finished. */
  const add = (targetIds: readonly string[] = ["nas"], name?: string): Promise<string> =>
    test.journal.addRecording({ targetIds, at: test.now, ...(name === undefined ? {} : { name }) });
  const minutesFromNow = (minutes: number): Date => new Date(test.now.getTime() + minutes * 60_000);

  describe("with folders", () => {
    const folder = (id: string): string => join(test.journal.folder, id);
    beforeEach(async () => {
      for (const id of ["nas", "archive"]) await mkdir(folder(id));
      test.targets = ["nas", "archive"].map((id) => atOnce(createFolderTarget({ id, path: folder(id) })));
    });

    it("delivers to every target when a recording is finished, and says so in the journal", async () => {
      await test.queue.start();
      const content = Buffer.from("a conversation");
      const recordingId = await test.journal.addRecording({
        targetIds: ["nas", "archive"],
        name: "a.wav",
        content,
      });
      test.queue.wake();
      await test.untilStates("done", "done");
      for (const id of ["nas", "archive"])
        expect(sha256(await readFile(join(folder(id), "a.wav")))).to.equal(sha256(content));
      await until("both are told", () => test.delivered.length === 2);
      expect(test.delivered).to.deep.equal([recordingId, recordingId]);
      expect(await readdir(test.journal.spool)).to.deep.equal(["a.wav"]);
    });

    it("goes on with one target while the other one is missing, and delivers there once it is back", async () => {
      await rm(folder("archive"), { recursive: true });
      await test.queue.start();
      await add(["nas"]);
      await add(["archive"]);
      test.queue.wake();
      await test.untilStates("deferred", "done");
      expect(test.conditions.list()).to.have.lengthOf(1);
      expect(test.conditions.list()[0]).to.include({ subject: "target:archive", code: "target-missing" });
      await mkdir(folder("archive"));
      await test.pass(2);
      await test.untilStates("done", "done");
      expect(test.conditions.list()).to.deep.equal([]);
    });

    it("holds a file that is not what was recorded, delivers the others, and tells it once", async () => {
      await add(["nas"], "changed.wav");
      await writeFile(join(test.journal.spool, "changed.wav"), Buffer.alloc(1000, 1));
      await add(["nas"], "good.wav");
      await test.queue.start();
      await test.untilStates("done", "hold");
      expect(await readdir(folder("nas"))).to.deep.equal(["good.wav"]);
      await until("the operator is told", () => test.conditions.list().length === 1);
      expect(test.conditions.list()[0]).to.include({ subject: "held:nas", code: "transfers-held" });
      expect(test.conditions.list()[0]?.message).to.match(/1 held.*SHA-256/);
    });
  });

  describe("with schedules", () => {
    it("takes new jobs on when the interval is over, and not before", async () => {
      test.targets = [atOnce(nas, { schedule: { kind: "interval", minutes: 15 } })];
      await test.queue.start();
      await test.pass(1);
      await add();
      test.queue.wake();
      await test.pass(13);
      expect(nas.sent).to.deep.equal([]);
      await test.pass(1);
      await test.untilStates("done");
    });

    it("takes new jobs on at the daily time, and leaves those that come later for the next day", async () => {
      test.targets = [atOnce(nas, { schedule: { kind: "daily", time: "20:00" } })];
      await test.queue.start();
      const early = await add();
      await test.pass(6 * 60);
      await test.untilStates("done");
      await test.pass(1);
      const late = await add();
      await test.pass(23 * 60);
      await test.untilStates("incoming", "done");
      await test.pass(60);
      await test.untilStates("done", "done");
      expect(nas.sent.map(({ recordingId }) => recordingId)).to.deep.equal([early, late]);
    });

    it("catches up a run that was slept through", async () => {
      test.targets = [atOnce(nas, { schedule: { kind: "daily", time: "20:00" } })];
      await test.queue.start();
      await add();
      await test.queue.stop();
      test.now = minutesFromNow(3 * 24 * 60);
      await test.restart();
      await test.untilStates("done");
    });

    it("goes on after a restart with a run that was cut short", async () => {
      test.targets = [atOnce(nas, { schedule: { kind: "daily", time: "20:00" } })];
      nas.answer = hangsUntilAborted;
      await test.queue.start();
      await add();
      await add();
      await test.pass(6 * 60);
      await until("the first one is under way", () => nas.sent.length === 1);
      await test.queue.stop();
      nas.answer = delivers;
      await test.restart();
      await test.untilStates("done", "done");
    });

    it("sends at once what waits for a schedule when it is told to", async () => {
      test.targets = [atOnce(nas, { schedule: { kind: "daily", time: "20:00" } })];
      await test.queue.start();
      await add();
      await test.queue.runNow("archive");
      expect(nas.sent).to.deep.equal([]);
      await test.queue.runNow("nas");
      await test.untilStates("done");
    });

    it("tries deferred jobs again by their own delay, not by the schedule", async () => {
      test.targets = [atOnce(nas, { schedule: { kind: "daily", time: "20:00" } })];
      nas.answer = failsWith("file-busy");
      await test.queue.start();
      await add();
      await test.pass(6 * 60);
      await test.untilStates("deferred");
      nas.answer = delivers;
      await test.pass(1);
      await test.untilStates("done");
    });
  });

  describe("when a file fails", () => {
    it("tries it again after a minute, then two, then four", async () => {
      nas.answer = failsWith("file-busy");
      await test.queue.start();
      await add();
      test.queue.wake();
      for (const delay of [1, 2, 4]) {
        await test.untilStates("deferred");
        const due = minutesFromNow(delay);
        await until(`it is due in ${delay} min`, async () => {
          const [job] = await test.jobs();
          return job?.state === "deferred" && job.nextTryAt.getTime() === due.getTime();
        });
        await test.pass(delay);
      }
      expect(nas.sent.map(({ attempt }) => attempt).slice(0, 3)).to.deep.equal([1, 2, 3]);
    });

    it("delivers the others meanwhile", async () => {
      const bad = await add();
      nas.answer = async (file) => (file.recordingId === bad ? failsWith("file-busy")() : delivers(file));
      await add();
      await test.queue.start();
      await test.untilStates("done", "deferred");
    });

    it("does not try a held one again until somebody says so", async () => {
      nas.answer = failsWith("name-taken");
      await test.queue.start();
      await add();
      test.queue.wake();
      await test.untilStates("hold");
      nas.answer = delivers;
      await test.pass(24 * 60);
      await test.queue.runNow();
      expect(nas.sent).to.have.lengthOf(1);
      const [{ id } = { id: "" }] = await test.journal.db.selectFrom("jobs").select("id").execute();
      expect(await test.queue.retry(id)).to.equal(true);
      await test.untilStates("done");
      expect(await test.queue.retry("no-such-job")).to.equal(false);
      await test.pass(1);
      expect(test.conditions.list()).to.deep.equal([]);
    });

    it("does not wait for years after a clock that was wrong is put right", async () => {
      const right = test.now;
      test.now = minutesFromNow(4 * 365 * 24 * 60);
      nas.answer = failsWith("file-busy");
      await test.queue.start();
      await add();
      test.queue.wake();
      await test.untilStates("deferred");
      nas.answer = delivers;
      test.now = right;
      await test.pass(1);
      await test.untilStates("done");
    });

    it("takes a fault of its own for no reason to give up", async () => {
      nas.answer = async () => {
        throw new TypeError("x is not a function");
      };
      await test.queue.start();
      await add();
      test.queue.wake();
      await test.untilStates("deferred");
      expect(test.log.some(({ level, message }) => level === "error" && /unexpected/.test(message))).to.equal(
        true,
      );
    });
  });

  describe("when a target is down", () => {
    beforeEach(() => {
      nas.answer = failsWith("connection-refused");
    });

    it("defers all its jobs at once after one failure", async () => {
      for (let count = 0; count < 20; count++) await add();
      await test.queue.start();
      await test.untilStates(...Array<"deferred">(20).fill("deferred"));
      expect(nas.sent).to.have.lengthOf(1);
    });

    it("probes it with one file at a time, with growing delays, and never the same file first", async () => {
      const recordings = [await add(), await add(), await add()];
      await test.queue.start();
      for (const minutes of [1, 2, 4]) {
        await until("the probe is over", async () => (await test.queue.status())[0]?.underWay.length === 0);
        await test.pass(minutes - 0.01);
        const before = nas.sent.length;
        await test.pass(0.02);
        await until("the next probe", () => nas.sent.length === before + 1);
      }
      expect(new Set(nas.sent.slice(0, 3).map(({ recordingId }) => recordingId))).to.deep.equal(
        new Set(recordings),
      );
    });

    it("probes it with one file also where several may be sent at a time", async () => {
      test.targets = [atOnce(nas, { concurrency: 3 })];
      for (let count = 0; count < 6; count++) await add();
      await test.queue.start();
      await test.untilStates(...Array<"deferred">(6).fill("deferred"));
      nas.sent.length = 0;
      nas.answer = hangsUntilAborted;
      await test.pass(2);
      await until(
        "the probe is under way",
        async () => (await test.queue.status())[0]?.underWay.length !== 0,
      );
      await test.pass(0);
      expect(nas.sent).to.have.lengthOf(1);
    });

    it("delivers everything once it is back, those that came meanwhile among them", async () => {
      for (let count = 0; count < 5; count++) await add();
      await test.queue.start();
      await test.untilStates(...Array<"deferred">(5).fill("deferred"));
      await add();
      test.queue.wake();
      nas.answer = delivers;
      await test.pass(2);
      await test.untilStates(...Array<"done">(6).fill("done"));
    });

    it("tells it once, and that it is over", async () => {
      const changes: string[] = [];
      test.conditions.onChange(({ type }) => changes.push(type));
      await add();
      await test.queue.start();
      for (const minutes of [2, 4, 8]) {
        await test.untilStates("deferred");
        await test.pass(minutes);
      }
      await test.untilStates("deferred");
      nas.answer = delivers;
      await test.pass(600);
      await test.untilStates("done");
      await until("it is over", () => test.conditions.list().length === 0);
      expect(changes).to.deep.equal(["raised", "cleared"]);
    });

    it("is not blocked by a file that makes the target look as if it were down", async () => {
      const poison = await add();
      for (let count = 0; count < 3; count++) await add();
      nas.answer = async (file) =>
        file.recordingId === poison ? failsWith("connection-lost")() : delivers(file);
      await test.queue.start();
      await test.untilStates("deferred", "deferred", "deferred", "deferred");
      await test.pass(2);
      await test.untilStates("done", "done", "done", "deferred");
    });

    it("tries at once when its settings were changed", async () => {
      await add();
      await test.queue.start();
      await test.untilStates("deferred");
      const changed = createFakeTarget("nas");
      test.targets = [atOnce(changed)];
      test.queue.wake();
      await test.untilStates("done");
      expect(changed.sent).to.have.lengthOf(1);
    });

    it("tries at once when somebody says so", async () => {
      await add();
      await test.queue.start();
      await test.untilStates("deferred");
      nas.answer = delivers;
      await test.queue.runNow();
      await test.untilStates("done");
    });

    it("is tried slowly where only a person can mend it, so that no account is locked", async () => {
      nas.answer = failsWith("login-refused");
      await add();
      await test.queue.start();
      await test.untilStates("deferred");
      for (let minute = 0; minute < 29; minute++) await test.pass(1);
      expect(nas.sent).to.have.lengthOf(1);
      await test.pass(2);
      await until("the second try", () => nas.sent.length === 2);
    });

    it("brings forward after a restart what an outage before it has put off for hours", async () => {
      for (let count = 0; count < 3; count++) await add();
      await test.queue.start();
      for (const minutes of [2, 3, 5, 9, 17]) {
        await until("the probe is over", async () => (await test.queue.status())[0]?.underWay.length === 0);
        await test.pass(minutes);
      }
      await until("the probe is over", async () => (await test.queue.status())[0]?.underWay.length === 0);
      nas.answer = delivers;
      await test.restart();
      await add();
      test.queue.wake();
      await test.untilStates("done", "done", "done", "done");
    });
  });

  describe("by its workers", () => {
    it("sends one file at a time unless it is told otherwise", async () => {
      nas.answer = slowly(5);
      for (let count = 0; count < 6; count++) await add();
      await test.queue.start();
      await test.untilStates(...Array<"done">(6).fill("done"));
      expect(nas.atOnce.most).to.equal(1);
    });

    it("sends as many as the target may have", async () => {
      nas.answer = slowly(20);
      test.targets = [atOnce(nas, { concurrency: 3 })];
      for (let count = 0; count < 9; count++) await add();
      await test.queue.start();
      await test.untilStates(...Array<"done">(9).fill("done"));
      expect(nas.atOnce.most).to.equal(3);
    });

    it("counts files that fail together as one failure of the target", async () => {
      nas.answer = async () => {
        await slowly(20)({} as never).catch(() => undefined);
        return failsWith("connection-lost")();
      };
      test.targets = [atOnce(nas, { concurrency: 3 })];
      for (let count = 0; count < 3; count++) await add();
      await test.queue.start();
      await test.untilStates("deferred", "deferred", "deferred");
      const [status] = await test.queue.status();
      expect(status?.nextRunAt).to.deep.equal(minutesFromNow(1));
    });

    it("does not let new jobs wait behind a backlog of deferred ones, nor the other way round", async () => {
      const backlog: string[] = [];
      nas.answer = failsWith("file-busy");
      for (let count = 0; count < 6; count++) backlog.push(await add());
      await test.queue.start();
      await test.untilStates(...Array<"deferred">(6).fill("deferred"));
      await test.queue.stop();
      test.now = minutesFromNow(5);
      const fresh = [await add(), await add()];
      nas.answer = delivers;
      nas.sent.length = 0;
      await test.restart();
      await test.untilStates(...Array<"done">(8).fill("done"));
      const order = nas.sent.map(({ recordingId }) => (fresh.includes(recordingId) ? "fresh" : "backlog"));
      expect(order.slice(0, 4)).to.deep.equal(["backlog", "fresh", "backlog", "fresh"]);
    });

    it("leaves a target alone that is switched off", async () => {
      test.targets = [atOnce(nas, { enabled: false })];
      await test.queue.start();
      await add();
      test.queue.wake();
      await test.queue.runNow();
      await test.pass(60);
      expect(nas.sent).to.deep.equal([]);
      test.targets = [atOnce(nas)];
      test.queue.wake();
      await test.untilStates("done");
    });
  });

  it("keeps what the journal cannot write down, and writes it once it can", async () => {
    const { db } = test.journal;
    await sql`create trigger full before update on jobs when new.state = 'done'
      begin select raise(fail, 'database or disk is full'); end`.execute(db);
    await test.queue.start();
    const recordingId = await add();
    test.queue.wake();
    await until("it is told", () =>
      test.log.some(({ message }) => /could not be written down/.test(message)),
    );
    await test.pass(1);
    await test.untilStates("active");
    await sql`drop trigger full`.execute(db);
    await test.pass(1);
    await test.untilStates("done");
    expect(nas.sent).to.have.lengthOf(1);
    await until("the delivery is told", () => test.delivered.length === 1);
    expect(test.delivered).to.deep.equal([recordingId]);
  });

  it("does not take a delivery back when what follows it fails", async () => {
    await test.remove();
    test = await openTestQueue({
      onDelivered() {
        throw new Error("retention is broken");
      },
    });
    test.targets = [atOnce(nas)];
    await add();
    await add();
    await test.queue.start();
    await test.untilStates("done", "done");
    expect(nas.sent).to.have.lengthOf(2);
  });

  describe("when a transfer stands still", () => {
    beforeEach(async () => {
      await test.remove();
      test = await openTestQueue({ stallMs: 40, graceMs: 40 });
      test.targets = [atOnce(nas)];
    });

    it("aborts it and tries again later", async () => {
      nas.answer = hangsUntilAborted;
      await add();
      await test.queue.start();
      await test.untilStates("deferred");
      expect(test.conditions.list()[0]).to.include({ subject: "target:nas", code: "stalled" });
      nas.answer = delivers;
      await test.pass(2);
      await test.untilStates("done");
    });

    it("gives a target that does not come back no second file to hang on, until it does", async () => {
      let comeBack: () => void = () => undefined;
      nas.answer = (file) =>
        new Promise((resolve) => {
          comeBack = () => resolve({ remoteName: file.name, verifiedBy: "size" });
        });
      await add();
      await add();
      await test.queue.start();
      await test.untilStates("deferred", "deferred");
      test.targets = [atOnce(nas), atOnce(createFakeTarget("archive"))];
      await add(["archive"]);
      await test.pass(60);
      await test.untilStates("done", "deferred", "deferred");
      expect(nas.sent).to.have.lengthOf(1);
      nas.answer = delivers;
      comeBack();
      await test.untilStates("done", "done", "done");
    });

    it("stops in spite of it", async () => {
      nas.answer = () => new Promise(() => undefined);
      await add();
      await test.queue.start();
      await until("it is under way", () => nas.sent.length === 1);
      await test.queue.stop();
      await test.untilStates("deferred");
    });
  });

  it("says that something has changed, but not a hundred times for a hundred files", async () => {
    let told = 0;
    test.queue.onChange(() => {
      told += 1;
    });
    for (let count = 0; count < 30; count++) await add();
    await test.queue.start();
    await test.untilStates(...Array<"done">(30).fill("done"));
    expect(told).to.be.within(1, 10);
  });

  describe("when it is stopped", () => {
    it("interrupts what is under way and sends it again at the next start", async () => {
      nas.answer = hangsUntilAborted;
      await test.queue.start();
      await add();
      test.queue.wake();
      await until("it is under way", () => nas.sent.length === 1);
      await test.queue.stop();
      await test.untilStates("deferred");
      expect(test.conditions.list()).to.deep.equal([]);
      nas.answer = delivers;
      await test.restart();
      await test.untilStates("done");
      expect(nas.sent.map(({ attempt }) => attempt)).to.deep.equal([1, 2]);
    });

    it("begins nothing any more", async () => {
      await test.queue.start();
      await test.queue.stop();
      await add();
      test.queue.wake();
      await test.queue.runNow();
      await test.pass(1);
      expect(nas.sent).to.deep.equal([]);
    });

    it("sends again at the start what a dead process left active", async () => {
      await add();
      await test.journal.db.updateTable("jobs").set({ state: "active", attempts: 1 }).execute();
      await test.queue.start();
      await test.untilStates("done");
      expect(nas.sent[0]?.attempt).to.equal(2);
    });
  });
});
