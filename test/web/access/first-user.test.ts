import { expect } from "chai";
import { findUser } from "../../../src/journal/users.ts";
import { ensureFirstUser } from "../../../src/web/access/first-user.ts";
import { verifyPassword } from "../../../src/web/access/password.ts";
import { openMemoryJournal } from "../../support/journal-fixture.ts";
import { cheapCost, officeNow } from "../../support/office-fixture.ts";

describe("the first user", () => {
  it("gets a random password that is told once and kept as a hash", async () => {
    const { db, close } = await openMemoryJournal();
    const first = await ensureFirstUser(db, officeNow, cheapCost);
    expect(first?.name).to.equal("admin");
    expect(first?.password).to.match(/^([a-z2-9]{5}-){3}[a-z2-9]{5}$/);
    const stored = await findUser(db, "admin");
    expect(JSON.stringify(stored)).not.to.contain(first?.password);
    expect(await verifyPassword(first?.password ?? "", stored?.password_hash)).to.equal(true);
    expect(await ensureFirstUser(db, officeNow, cheapCost)).to.equal(undefined);
    await close();
  });

  it("never gets the same password twice", async () => {
    const passwords = new Set<string>();
    for (let i = 0; i < 5; i += 1) {
      const { db, close } = await openMemoryJournal();
      passwords.add((await ensureFirstUser(db, officeNow, cheapCost))?.password ?? "");
      await close();
    }
    expect(passwords.size).to.equal(5);
  });
});
