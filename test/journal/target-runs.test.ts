import { expect } from "chai";
import { noteRun, runHistory } from "../../src/journal/target-runs.ts";
import { type DeliveryJournal, openDeliveryJournal } from "../support/delivery-journal.ts";

const noon = new Date("2026-06-01T12:00:00Z");
const one = new Date("2026-06-01T13:00:00Z");

describe("runs of a target's schedule", () => {
  let journal: DeliveryJournal;
  beforeEach(async () => {
    journal = await openDeliveryJournal();
  });
  afterEach(() => journal.remove());

  it("are watched from the first look on", async () => {
    await runHistory(journal.db, "nas", noon);
    expect(await runHistory(journal.db, "nas", one)).to.deep.equal({
      watchedSince: noon,
      lastRunAt: undefined,
    });
  });

  it("are remembered, the last one", async () => {
    await runHistory(journal.db, "nas", noon);
    await noteRun(journal.db, "nas", noon);
    await noteRun(journal.db, "nas", one);
    expect(await runHistory(journal.db, "nas", one)).to.deep.equal({ watchedSince: noon, lastRunAt: one });
  });
});
