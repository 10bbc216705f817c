import { expect } from "chai";
import type { Journal } from "../../src/journal/journal.ts";
import {
  prolongSession,
  readSession,
  removeExpiredSessions,
  removeOtherSessions,
  removeSession,
  writeSession,
} from "../../src/journal/sessions.ts";
import { openMemoryJournal } from "../support/journal-fixture.ts";

describe("sessions in the journal", () => {
  let journal: Journal;
  beforeEach(async () => {
    journal = await openMemoryJournal();
    await writeSession(journal.db, "one", "{}", 1000);
    await writeSession(journal.db, "two", "{}", 2000);
  });
  afterEach(() => journal.close());

  const alive = async (atMs: number): Promise<string[]> => {
    const found = await Promise.all(
      ["one", "two"].map(async (id) => ((await readSession(journal.db, id, atMs)) === undefined ? "" : id)),
    );
    return found.filter((id) => id !== "");
  };

  it("reads a session until it has expired", async () => {
    expect(await alive(999)).to.deep.equal(["one", "two"]);
    expect(await alive(1000)).to.deep.equal(["two"]);
  });

  it("writes a session again over its former self", async () => {
    await writeSession(journal.db, "one", '{"a":1}', 5000);
    expect(await readSession(journal.db, "one", 4000)).to.equal('{"a":1}');
  });

  it("prolongs a session only by what is worth a write, and never shortens it", async () => {
    await prolongSession(journal.db, "one", 1400, 500);
    expect(await alive(1000)).to.deep.equal(["two"]);
    await prolongSession(journal.db, "one", 1500, 500);
    expect(await alive(1499)).to.deep.equal(["one", "two"]);
    await prolongSession(journal.db, "two", 900, 100);
    expect(await alive(1999)).to.deep.equal(["two"]);
  });

  it("removes one, the expired ones, or all others", async () => {
    await removeExpiredSessions(journal.db, 1500);
    expect(await alive(0)).to.deep.equal(["two"]);
    await writeSession(journal.db, "one", "{}", 1000);
    await removeOtherSessions(journal.db, "one");
    expect(await alive(0)).to.deep.equal(["one"]);
    await removeSession(journal.db, "one");
    expect(await alive(0)).to.deep.equal([]);
  });
});
