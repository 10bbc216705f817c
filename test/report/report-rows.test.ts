import { expect } from "chai";
import type { Journal } from "../../src/journal/journal.ts";
import { calledParty, countReportRows, type ReportRow, reportRows } from "../../src/report/report-rows.ts";
import { addCall, addRecording, openMemoryJournal } from "../support/journal-fixture.ts";

const all = { fromMs: 0, toMs: Date.parse("2030-01-01T00:00:00Z") };

async function collect(rows: AsyncIterable<ReportRow>): Promise<ReportRow[]> {
  const list: ReportRow[] = [];
  for await (const row of rows) list.push(row);
  return list;
}

describe("report rows", () => {
  let journal: Journal;
  beforeEach(async () => {
    journal = await openMemoryJournal();
  });
  afterEach(() => journal.close());

  it("names the files of a recorded call, also where two members were recorded", async () => {
    const call = await addCall(journal.db);
    await addRecording(journal.db, call, { file_name: "a.wav", started_at: 1 });
    await addRecording(journal.db, call, { file_name: "b.wav", started_at: 2 });
    const [row] = await collect(reportRows(journal.db, all));
    expect(row?.files).to.deep.equal(["a.wav", "b.wav"]);
    expect(row?.talkMs).to.equal(180_000);
    expect(row?.startedAtMs).to.equal(call.answered_at);
  });

  it("has every call in which somebody talked, and none that only rang", async () => {
    const none = { answered_at: null, member_extension: null };
    await addCall(journal.db, { from_number: "1", outcome: "not-due", reason_code: "direction-off" });
    await addCall(journal.db, { from_number: "2", outcome: "not-due", reason_code: "abandoned", ...none });
    await addCall(journal.db, { from_number: "3", outcome: "declined", ...none });
    await addCall(journal.db, { from_number: "4", outcome: "failed", reason_code: "unobserved", ...none });
    await addCall(journal.db, { from_number: "5", outcome: null, ended_at: null });
    const rows = await collect(reportRows(journal.db, all));
    expect(rows.map((row) => row.caller)).to.deep.equal(["1", "3", "4"]);
    expect(rows[1]?.talkMs).to.equal(0);
    expect(await countReportRows(journal.db, all)).to.equal(3);
  });

  it("takes the period's first instant and leaves out its last", async () => {
    await addCall(journal.db, { from_number: "first", started_at: 1_000_000 });
    await addCall(journal.db, { from_number: "last", started_at: 2_000_000 });
    const rows = await collect(reportRows(journal.db, { fromMs: 1_000_000, toMs: 2_000_000 }));
    expect(rows.map((row) => row.caller)).to.deep.equal(["first"]);
  });

  it("reads more calls than fit a page, each once and in order, also those of the same instant", async () => {
    for (let i = 0; i < 1203; i += 1)
      await addCall(journal.db, { started_at: 5_000_000 + Math.floor(i / 7), from_number: String(i) });
    const rows = await collect(reportRows(journal.db, all));
    expect(new Set(rows.map((row) => row.callId)).size).to.equal(1203);
    expect(rows.map((row) => row.startedAtMs)).to.deep.equal(
      rows.map((row) => row.startedAtMs).sort((a, b) => a - b),
    );
  });

  it("gives other work its turn between two pages", async () => {
    for (let i = 0; i < 1600; i += 1) await addCall(journal.db, { started_at: 5_000_000 + i });
    let turns = 0;
    const count = setInterval(() => {
      turns += 1;
    }, 0);
    await collect(reportRows(journal.db, all));
    clearInterval(count);
    expect(turns).to.be.at.least(2);
  });

  it("calls the member of an incoming call the called party, and else whom was dialled", () => {
    const numbers = { member_extension: "10", to_number: "600" };
    expect(calledParty({ direction: "incoming", ...numbers })).to.equal("10");
    expect(calledParty({ direction: "outgoing", ...numbers })).to.equal("600");
    expect(calledParty({ direction: "internal", ...numbers })).to.equal("600");
    expect(calledParty({ direction: null, member_extension: null, to_number: "600" })).to.equal("600");
  });
});
