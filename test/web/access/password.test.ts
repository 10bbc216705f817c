import { expect } from "chai";
import {
  fullCost,
  hashPassword,
  PasswordQueueFull,
  verifyPassword,
} from "../../../src/web/access/password.ts";
import { cheapCost } from "../../support/office-fixture.ts";

describe("passwords", () => {
  it("knows the right one from a wrong one", async () => {
    const hash = await hashPassword("Geheimnis für Zürich", cheapCost);
    expect(await verifyPassword("Geheimnis für Zürich", hash)).to.equal(true);
    expect(await verifyPassword("Geheimnis für Zürich ", hash)).to.equal(false);
    expect(await verifyPassword("", hash)).to.equal(false);
  });

  it("takes an umlaut for the same however the keyboard composes it", async () => {
    const hash = await hashPassword("für".normalize("NFC"), cheapCost);
    expect(await verifyPassword("für".normalize("NFD"), hash)).to.equal(true);
  });

  it("says in the hash how it was made, and salts each one", async () => {
    const [one, two] = [await hashPassword("x", cheapCost), await hashPassword("x", cheapCost)];
    expect(one).to.match(/^scrypt\$1024\$8\$1\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.to.equal(two);
  });

  it("never opens without a user, nor with a hash that is none", async () => {
    expect(await verifyPassword("", undefined)).to.equal(false);
    for (const stored of ["", "x", "scrypt$1024$8$1$$", "plain$1$1$1$a$b"])
      expect(await verifyPassword("x", stored), stored).to.equal(false);
  });

  it("takes as long for an unknown user as for a known one", async () => {
    const hash = await hashPassword("x", fullCost);
    const timed = async (stored: string | undefined): Promise<number> => {
      const startedAt = performance.now();
      await verifyPassword("wrong", stored);
      return performance.now() - startedAt;
    };
    // The quickest of three: other work on the machine only ever makes it slower.
    const quickest = async (stored: string | undefined): Promise<number> =>
      Math.min(await timed(stored), await timed(stored), await timed(stored));
    const [known, unknown] = [await quickest(hash), await quickest(undefined)];
    expect(unknown).to.be.within(known / 2, known * 2);
    expect(known).to.be.greaterThan(50);
  });

  it("tells the twenty-first of many at once to wait", async () => {
    const hash = await hashPassword("x", cheapCost);
    const results = await Promise.allSettled(Array.from({ length: 21 }, () => verifyPassword("x", hash)));
    const refused = results.filter((result) => result.status === "rejected");
    expect(refused).to.have.length(1);
    expect(refused[0]?.reason).to.be.instanceOf(PasswordQueueFull);
    expect(await verifyPassword("x", hash)).to.equal(true);
  });
});
