import { expect } from "chai";
import { addUser, findUser, findUserById, hasUsers, setPasswordHash } from "../../src/journal/users.ts";
import { openMemoryJournal } from "../support/journal-fixture.ts";

describe("users in the journal", () => {
  it("are found by name and by id, once each", async () => {
    const { db, close } = await openMemoryJournal();
    expect(await hasUsers(db)).to.equal(false);
    const user = { id: "1", name: "admin", password_hash: "x", role: "admin", created_at: 1 } as const;
    await addUser(db, user);
    expect(await hasUsers(db)).to.equal(true);
    await setPasswordHash(db, "1", "y");
    expect(await findUser(db, "admin")).to.deep.equal({ ...user, password_hash: "y" });
    expect(await findUserById(db, "1")).to.deep.equal(await findUser(db, "admin"));
    expect(await findUser(db, "Admin")).to.equal(undefined);
    const again = await addUser(db, { ...user, id: "2" }).then(
      () => "added",
      () => "refused",
    );
    expect(again).to.equal("refused");
    await close();
  });
});
