import { expect } from "chai";
import { countOutcomes, findCall, numberPart, searchCalls } from "../../src/journal/calls-search.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { addCall, openMemoryJournal } from "../support/journal-fixture.ts";

describe("search of calls", () => {
  let journal: Journal;
  beforeEach(async () => {
    journal = await openMemoryJournal();
  });
  afterEach(() => journal.close());

  const numbersFor = async (text: string): Promise<string[]> =>
    (await searchCalls(journal.db, { text, limit: 50 })).calls.map((call) => call.from_number);

  it("gives the newest first, page by page, each call once", async () => {
    for (let i = 0; i < 25; i += 1) await addCall(journal.db, { started_at: 1000 + Math.floor(i / 4) });
    const seen: string[] = [];
    let before: { startedAt: number; id: string } | undefined;
    do {
      const page = await searchCalls(journal.db, { before, limit: 10 });
      seen.push(...page.calls.map((call) => call.id));
      before = page.next;
    } while (before !== undefined);
    expect(seen).to.have.length(25);
    expect(new Set(seen).size).to.equal(25);
  });

  it("does not shift a page when new calls arrive", async () => {
    for (let i = 0; i < 4; i += 1) await addCall(journal.db, { started_at: 1000 + i, from_number: `${i}` });
    const first = await searchCalls(journal.db, { limit: 2 });
    await addCall(journal.db, { started_at: 9000 });
    const second = await searchCalls(journal.db, { before: first.next, limit: 2 });
    expect(second.calls.map((call) => call.from_number)).to.deep.equal(["1", "0"]);
  });

  it("finds a number however it is written", async () => {
    await addCall(journal.db, { from_number: "+493012345670" });
    await addCall(journal.db, { from_number: "030999" });
    for (const text of ["030 12345670", "+49 30 1234-5670", "(030) 1234 5670", "12345670", "004930/12345670"])
      expect(await numbersFor(text), text).to.deep.equal(["+493012345670"]);
  });

  it("finds names and extensions, and takes wildcards for what they are", async () => {
    await addCall(journal.db, { from_number: "1", from_name: "100 % Bio_Hof", member_extension: "77" });
    await addCall(journal.db, { from_number: "2", from_name: "Maier", member_extension: "12" });
    expect(await numbersFor("maier")).to.deep.equal(["2"]);
    expect(await numbersFor("77")).to.deep.equal(["1"]);
    expect(await numbersFor("%")).to.deep.equal(["1"]);
    expect(await numbersFor("o_h")).to.deep.equal(["1"]);
    expect(await numbersFor("' or 1=1 --")).to.deep.equal([]);
  });

  it("filters by outcome and time", async () => {
    await addCall(journal.db, { started_at: 1000, from_number: "1", outcome: "failed" });
    await addCall(journal.db, { started_at: 2000, from_number: "2", outcome: "failed" });
    await addCall(journal.db, { started_at: 3000, from_number: "3" });
    const page = await searchCalls(journal.db, { outcome: "failed", fromMs: 1500, toMs: 3001, limit: 9 });
    expect(page.calls.map((call) => call.from_number)).to.deep.equal(["2"]);
  });

  it("looks through many calls for a rare one in steps", async () => {
    const rows = Array.from({ length: 12_000 }, (_, i) => ({
      id: i.toString(16).padStart(32, "0"),
      pbx_id: "pbx",
      linkedid: String(i),
      started_at: 1000 + i,
      from_number: i === 3 ? "0301234567" : "10",
      from_name: "",
      to_number: "11",
    }));
    for (let i = 0; i < rows.length; i += 1000)
      await journal.db
        .insertInto("calls")
        .values(rows.slice(i, i + 1000))
        .execute();
    let turns = 0;
    const count = setInterval(() => {
      turns += 1;
    }, 0);
    const page = await searchCalls(journal.db, { text: "0301234567", limit: 10 });
    clearInterval(count);
    expect(page.calls.map((call) => call.started_at)).to.deep.equal([1003]);
    expect(page).to.include({ next: undefined, unfinished: false });
    expect(turns).to.be.at.least(1);
  });

  it("knows numbers from names", () => {
    expect(numberPart("Maier")).to.equal(undefined);
    expect(numberPart("")).to.equal(undefined);
    expect(numberPart("010")).to.equal("010");
    expect(numberPart("*21#")).to.equal("*21#");
  });

  it("counts the outcomes of a time", async () => {
    await addCall(journal.db, { started_at: 1000 });
    await addCall(journal.db, { started_at: 1001, outcome: "failed" });
    await addCall(journal.db, { started_at: 1002, outcome: null });
    await addCall(journal.db, { started_at: 9000 });
    expect(await countOutcomes(journal.db, 1000, 2000)).to.deep.equal({
      recorded: 1,
      declined: 0,
      "not-due": 0,
      failed: 1,
    });
  });

  it("finds one call by its id", async () => {
    const call = await addCall(journal.db);
    expect(await findCall(journal.db, call.id)).to.deep.equal(call);
    expect(await findCall(journal.db, "0".repeat(32))).to.equal(undefined);
  });
});
