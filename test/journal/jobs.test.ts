import { expect } from "chai";
import { listJobs } from "../../src/journal/job-lists.ts";
import {
  type Claim,
  claimDue,
  createJobs,
  deferAll,
  markDeferred,
  markDone,
  markHeld,
  markInterrupted,
  pullBackFutureTries,
  releaseActive,
  retryNow,
} from "../../src/journal/jobs.ts";
import { type DeliveryJournal, openDeliveryJournal } from "../support/delivery-journal.ts";

const noon = new Date("2026-06-01T12:00:00Z");
const minutesOn = (minutes: number): Date => new Date(noon.getTime() + minutes * 60_000);
const error = { code: "connection-refused", message: "nas:21 refused", hint: "Start the server." };

describe("jobs in the journal", () => {
  let journal: DeliveryJournal;
  beforeEach(async () => {
    journal = await openDeliveryJournal();
  });
  afterEach(() => journal.remove());

  const add = (minutes: number, targetIds = ["nas"]) =>
    journal.addRecording({ targetIds, at: minutesOn(minutes) });
  const claim = (facts: Partial<Claim> = {}) =>
    claimDue(journal.db, {
      targetId: "nas",
      now: minutesOn(60),
      newUntil: minutesOn(60),
      prefer: "incoming",
      limit: 1,
      ...facts,
    });
  const claimOne = async (facts: Partial<Claim> = {}) => {
    const [claimed] = await claim(facts);
    if (claimed === undefined) throw new Error("expected a due job, got none");
    return claimed;
  };
  const states = async () => (await listJobs(journal.db, { limit: 100 })).jobs.map(({ job }) => job.state);

  it("owes each recording once to each target, however often it is asked", async () => {
    const recordingId = await add(0, ["nas", "archive"]);
    await createJobs(journal.db, recordingId, ["nas", "archive", "ftp"], noon);
    const { jobs } = await listJobs(journal.db, { limit: 100 });
    expect(jobs.map(({ targetId }) => targetId).sort()).to.deep.equal(["archive", "ftp", "nas"]);
    expect(jobs[0]).to.include({ recordingId, sizeBytes: 1000 });
  });

  it("hands out each job once, the oldest first, and counts the attempt before it begins", async () => {
    const first = await add(1);
    const second = await add(2);
    expect(await claimOne()).to.deep.include({ recordingId: first, job: { state: "active", attempts: 1 } });
    expect((await claimOne()).recordingId).to.equal(second);
    expect(await claim()).to.deep.equal([]);
  });

  it("leaves jobs of other targets alone", async () => {
    await add(0, ["archive"]);
    expect(await claim()).to.deep.equal([]);
  });

  it("leaves new jobs alone that the schedule has not taken on", async () => {
    await add(10);
    expect(await claim({ newUntil: minutesOn(9) })).to.deep.equal([]);
    expect(await claim({ newUntil: undefined })).to.deep.equal([]);
    expect(await claim({ newUntil: minutesOn(10) })).to.have.lengthOf(1);
  });

  it("tries a deferred job again when it is due, and not before", async () => {
    await add(0);
    const { id } = await claimOne();
    await markDeferred(journal.db, id, minutesOn(5), error);
    expect(await claim({ now: minutesOn(4.99) })).to.deep.equal([]);
    expect((await claimOne({ now: minutesOn(5) })).job.attempts).to.equal(2);
  });

  it("lets either kind of job go first, so that the caller can alternate", async () => {
    const old = await add(0);
    await markDeferred(journal.db, (await claimOne()).id, minutesOn(5), error);
    const fresh = await add(10);
    expect((await claimOne({ prefer: "deferred" })).recordingId).to.equal(old);
    await releaseActive(journal.db, minutesOn(11));
    expect((await claimOne({ prefer: "incoming" })).recordingId).to.equal(fresh);
  });

  it("keeps why a job is deferred or held, and forgets it once it is delivered", async () => {
    await add(0);
    const { id } = await claimOne();
    await markDeferred(journal.db, id, minutesOn(5), error);
    const only = async () => (await listJobs(journal.db, { limit: 1 })).jobs[0]?.job;
    expect(await only()).to.deep.equal({
      state: "deferred",
      attempts: 1,
      nextTryAt: minutesOn(5),
      lastError: error,
    });
    await markHeld(journal.db, (await claimOne()).id, error);
    expect(await only()).to.deep.equal({ state: "hold", attempts: 2, lastError: error });
    await retryNow(journal.db, { jobId: id }, minutesOn(60));
    await markDone(journal.db, (await claimOne()).id, "a_2.wav", minutesOn(61));
    expect(await only()).to.deep.equal({
      state: "done",
      attempts: 3,
      remoteName: "a_2.wav",
      doneAt: minutesOn(61),
    });
  });

  it("never takes a delivered job back", async () => {
    await add(0);
    const { id } = await claimOne();
    await markDone(journal.db, id, "a.wav", noon);
    await markDeferred(journal.db, id, noon, error);
    await markHeld(journal.db, id, error);
    await markInterrupted(journal.db, id, noon);
    await retryNow(journal.db, { jobId: id }, noon);
    await retryNow(journal.db, {}, noon);
    expect(await states()).to.deep.equal(["done"]);
  });

  it("makes what a dead process left active due at once", async () => {
    await add(0);
    await claimOne();
    expect(await releaseActive(journal.db, minutesOn(1))).to.equal(1);
    expect((await claimOne({ now: minutesOn(1) })).job.attempts).to.equal(2);
  });

  it("makes an interrupted job due at once and keeps why it failed before", async () => {
    await add(0);
    await markDeferred(journal.db, (await claimOne()).id, minutesOn(1), error);
    await markInterrupted(journal.db, (await claimOne()).id, minutesOn(2));
    const [listed] = (await listJobs(journal.db, { limit: 1 })).jobs;
    expect(listed?.job).to.deep.include({ state: "deferred", nextTryAt: minutesOn(2), lastError: error });
  });

  describe("of a dead target", () => {
    const defer = (newUntil: Date | undefined) =>
      deferAll(journal.db, { targetId: "nas", newUntil, until: minutesOn(30), error });

    it("are all deferred at once", async () => {
      for (let minute = 0; minute < 3; minute++) await add(minute);
      await defer(minutesOn(60));
      expect(await states()).to.deep.equal(["deferred", "deferred", "deferred"]);
      expect(await claim({ now: minutesOn(29) })).to.deep.equal([]);
      expect(await claim({ now: minutesOn(31), limit: 5 })).to.have.lengthOf(3);
    });

    it("stay incoming where the schedule has not taken them on", async () => {
      await add(0);
      await add(10);
      await defer(minutesOn(5));
      expect(await states()).to.deep.equal(["incoming", "deferred"]);
    });

    it("keep a later date of their own", async () => {
      await add(0);
      await markDeferred(journal.db, (await claimOne()).id, minutesOn(45), error);
      await defer(undefined);
      expect(await claim({ now: minutesOn(44) })).to.deep.equal([]);
    });

    it("come back with the one in front that was tried least", async () => {
      const tried = await add(0);
      const fresh = await add(10);
      await claimOne();
      await releaseActive(journal.db, minutesOn(11));
      await defer(minutesOn(60));
      const order = await claim({ now: minutesOn(31), limit: 2 });
      expect(order.map(({ recordingId }) => recordingId)).to.deep.equal([fresh, tried]);
    });

    it("do not take the jobs of other targets with them", async () => {
      await add(0, ["archive"]);
      await defer(minutesOn(60));
      expect(await states()).to.deep.equal(["incoming"]);
    });
  });

  describe("retried by hand", () => {
    it("are due at once, by target", async () => {
      await add(0, ["nas", "archive"]);
      for (const targetId of ["nas", "archive"])
        await markDeferred(journal.db, (await claimOne({ targetId })).id, minutesOn(500), error);
      expect(await retryNow(journal.db, { targetId: "nas" }, minutesOn(60))).to.equal(1);
      expect(await claim()).to.have.lengthOf(1);
      expect(await claim({ targetId: "archive" })).to.deep.equal([]);
    });

    it("leave the hold only when they are named", async () => {
      await add(0);
      const { id } = await claimOne();
      await markHeld(journal.db, id, error);
      expect(await retryNow(journal.db, { targetId: "nas" }, minutesOn(60))).to.equal(0);
      expect(await retryNow(journal.db, { jobId: id }, minutesOn(60))).to.equal(1);
      expect(await claim()).to.have.lengthOf(1);
    });
  });

  it("does not wait for a date that only a wrong clock believed in", async () => {
    await add(60 * 24 * 365 * 4);
    await add(0);
    await markDeferred(
      journal.db,
      (await claimOne({ newUntil: noon })).id,
      minutesOn(60 * 24 * 365 * 4),
      error,
    );
    await add(30);
    await pullBackFutureTries(journal.db, "nas", minutesOn(60));
    expect(await claim({ limit: 5 })).to.have.lengthOf(3);
  });
});
