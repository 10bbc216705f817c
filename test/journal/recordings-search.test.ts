import { expect } from "chai";
import type { Journal } from "../../src/journal/journal.ts";
import {
  deliveriesOfRecordings,
  findRecording,
  isJournalId,
  recordingsOfCalls,
} from "../../src/journal/recordings-search.ts";
import { addCall, addJob, addRecording, openMemoryJournal } from "../support/journal-fixture.ts";

describe("search of recordings", () => {
  let journal: Journal;
  beforeEach(async () => {
    journal = await openMemoryJournal();
  });
  afterEach(() => journal.close());

  it("gives each call its recordings in their order, each recording its deliveries", async () => {
    const [one, two] = [await addCall(journal.db), await addCall(journal.db)];
    const late = await addRecording(journal.db, one, { started_at: 9, file_name: "late" });
    const early = await addRecording(journal.db, one, { started_at: 5, file_name: "early" });
    const other = await addRecording(journal.db, two);
    const job = await addJob(journal.db, other);
    const recordings = await recordingsOfCalls(journal.db, [one.id, two.id]);
    expect(recordings.get(one.id)?.map((row) => row.id)).to.deep.equal([early.id, late.id]);
    const deliveries = await deliveriesOfRecordings(journal.db, [late.id, other.id]);
    expect([...deliveries.keys()]).to.deep.equal([other.id]);
    expect(deliveries.get(other.id)).to.deep.equal([job]);
    expect(await findRecording(journal.db, late.id)).to.deep.equal(late);
  });

  it("asks the journal nothing about nothing", async () => {
    expect((await recordingsOfCalls(journal.db, [])).size).to.equal(0);
    expect((await deliveriesOfRecordings(journal.db, [])).size).to.equal(0);
  });

  it("takes 128 bits in hex for an id, and no path", () => {
    expect(isJournalId("0123456789abcdef0123456789abcdef")).to.equal(true);
    for (const text of ["", "1", "../../etc/passwd", "0123456789ABCDEF0123456789ABCDEF", undefined, ["a"]])
      expect(isJournalId(text)).to.equal(false);
  });
});
