import { expect } from "chai";
import { CompiledQuery } from "kysely";
import {
  countDone,
  type JobCursor,
  lastErrorOf,
  listJobs,
  waitingJobs,
} from "../../src/journal/job-lists.ts";
import { claimDue, markDeferred, markDone, markHeld } from "../../src/journal/jobs.ts";
import { type DeliveryJournal, openDeliveryJournal } from "../support/delivery-journal.ts";

const noon = new Date("2026-06-01T12:00:00Z");
const minutesOn = (minutes: number): Date => new Date(noon.getTime() + minutes * 60_000);
const error = { code: "target-full", message: "nas: full", hint: "Make room." };

describe("lists of jobs", () => {
  let journal: DeliveryJournal;
  beforeEach(async () => {
    journal = await openDeliveryJournal();
  });
  afterEach(() => journal.remove());

  const add = (minutes: number, sizeBytes: number, targetIds = ["nas"]) =>
    journal.addRecording({ targetIds, at: minutesOn(minutes), content: Buffer.alloc(sizeBytes) });
  const claimOne = async () => {
    const [claimed] = await claimDue(journal.db, {
      targetId: "nas",
      now: minutesOn(60),
      newUntil: minutesOn(60),
      prefer: "incoming",
      limit: 1,
    });
    if (claimed === undefined) throw new Error("expected a due job, got none");
    return claimed.id;
  };

  it("sums up what waits for each target, without what is done; held files are counted, not waited for", async () => {
    for (const minute of [0, 1, 2, 3, 4]) await add(minute, 100 * (minute + 1));
    await add(9, 7, ["archive"]);
    await markDone(journal.db, await claimOne(), "a.wav", noon);
    await markHeld(journal.db, await claimOne(), error);
    await markDeferred(journal.db, await claimOne(), minutesOn(90), error);
    await claimOne();
    const waiting = await waitingJobs(journal.db);
    expect(waiting.get("nas")).to.deep.equal({
      counts: { incoming: 1, active: 1, deferred: 1, hold: 1 },
      bytes: 300 + 400 + 500,
      oldestSince: minutesOn(2),
    });
    expect(waiting.get("archive")).to.deep.include({ bytes: 7, oldestSince: minutesOn(9) });
    expect(await countDone(journal.db, "nas")).to.equal(1);
  });

  it("tells why the next job is still here", async () => {
    await add(0, 1);
    expect(await lastErrorOf(journal.db, "nas", "deferred")).to.equal(undefined);
    await markDeferred(journal.db, await claimOne(), minutesOn(90), error);
    expect(await lastErrorOf(journal.db, "nas", "deferred")).to.deep.equal(error);
    expect(await lastErrorOf(journal.db, "nas", "hold")).to.equal(undefined);
  });

  it("lists page by page, the newest first, without a gap or a repetition where times are equal", async () => {
    for (const minute of [0, 1, 1, 1, 2, 3, 3]) await add(minute, 1);
    const seen: string[] = [];
    let after: JobCursor | undefined;
    do {
      const page: Awaited<ReturnType<typeof listJobs>> = await listJobs(journal.db, {
        limit: 2,
        ...(after === undefined ? {} : { after }),
      });
      seen.push(...page.jobs.map(({ id }) => id));
      after = page.next;
    } while (after !== undefined);
    const all = (await listJobs(journal.db, { limit: 100 })).jobs.map(({ id }) => id);
    expect(seen).to.deep.equal(all);
    expect(new Set(seen).size).to.equal(7);
  });

  it("lists by target and state", async () => {
    await add(0, 1, ["nas", "archive"]);
    await markHeld(journal.db, await claimOne(), error);
    const held = await listJobs(journal.db, { state: "hold", limit: 10 });
    expect(held.jobs.map(({ targetId }) => targetId)).to.deep.equal(["nas"]);
    const archive = await listJobs(journal.db, { targetId: "archive", limit: 10 });
    expect(archive.jobs.map(({ job }) => job.state)).to.deep.equal(["incoming"]);
  });

  it("takes the sums from an index alone, so that a page does not read every job that was ever delivered", async () => {
    const queries: CompiledQuery[] = [];
    const watched = journal.db.withPlugin({
      transformQuery({ node, queryId }) {
        queries.push(journal.db.getExecutor().compileQuery(node, queryId));
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    await waitingJobs(watched);
    const [query] = queries;
    if (query === undefined) throw new Error("expected a query");
    const plan = await journal.db.executeQuery(
      CompiledQuery.raw(`explain query plan ${query.sql}`, [...query.parameters]),
    );
    expect(JSON.stringify(plan.rows)).to.match(/COVERING INDEX jobs_waiting/);
  });
});
