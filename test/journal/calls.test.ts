import { join } from "node:path";
import { expect } from "chai";
import { reason } from "../../src/core/reason.ts";
import { closeCall, newId, openCall, openCalls } from "../../src/journal/calls.ts";
import { type Journal, openJournal } from "../../src/journal/journal.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describe("calls in the journal", () => {
  const folder = temporaryFolder();
  let journal: Journal;

  beforeEach(async () => {
    journal = await openJournal(join(folder(), "journal.db"));
  });
  afterEach(() => journal.close());

  const open = (linkedid = "1.0") =>
    openCall(journal.db, {
      id: newId(),
      pbxId: "pbx",
      linkedid,
      startedAt: new Date(1000),
      fromNumber: "030",
      fromName: "",
      toNumber: "10",
    });
  const row = () => journal.db.selectFrom("calls").selectAll().executeTakeFirstOrThrow();

  it("keep their id when they are seen again after a restart", async () => {
    expect(await open()).to.equal(await open());
    expect(await openCalls(journal.db)).to.have.length(1);
  });

  it("keep their first outcome", async () => {
    const id = await open();
    const endedAt = new Date(2000);
    await closeCall(journal.db, id, { endedAt, outcome: { kind: "recorded", reason: reason("by-rule") } });
    await closeCall(journal.db, id, { endedAt, outcome: { kind: "failed", reason: reason("no-file") } });
    expect((await row()).outcome).to.equal("recorded");
    expect(await openCalls(journal.db)).to.deep.equal([]);
  });

  it("survive that the journal is closed and opened", async () => {
    const id = await open();
    await journal.close();
    journal = await openJournal(join(folder(), "journal.db"));
    expect((await row()).id).to.equal(id);
  });
});
