// Where the lab's Asterisk comes from, and what is said where there is none.

import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { startAsterisk } from "../../../../lab/asterisk.ts";
import { findInstalledAsterisk, labCacheDir, provisionAsterisk } from "../../../../lab/provision/asterisk.ts";

describe("provisioning of Asterisk", function () {
  this.timeout(300_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "mitschnitt-provision-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("is done once: two at a time get the same, and a later one is quick", async () => {
    const [one, other] = await Promise.all([provisionAsterisk(22), provisionAsterisk(22)]);
    expect(one).to.deep.equal(other);
    const startedAt = performance.now();
    await provisionAsterisk(22);
    expect(performance.now() - startedAt).to.be.lessThan(2_000);
  });

  it("finds the folders of an installed one, and boots it", async () => {
    const unpacked = await provisionAsterisk(16);
    const root = join(labCacheDir(), "asterisk-16/root");
    await symlink(unpacked.command, join(folder, "asterisk"));
    const found = await findInstalledAsterisk(`/nonexistent:${folder}`, root);
    expect(found).to.include({ origin: "installed", major: 16, command: join(folder, "asterisk") });
    if (found === undefined) return;
    const asterisk = await startAsterisk({
      binary: found,
      files: () => ({ "extensions.conf": "[general]\n" }),
    });
    await asterisk.stop();
  });

  it("finds none where only the program is there", async () => {
    const unpacked = await provisionAsterisk(16);
    await symlink(unpacked.command, join(folder, "asterisk"));
    expect(await findInstalledAsterisk(folder, folder)).to.equal(undefined);
  });

  it("says what to install where it can neither unpack nor find one", async function () {
    const { MITSCHNITT_LAB, PATH } = process.env;
    if ((await findInstalledAsterisk("/usr/sbin:/usr/local/sbin")) !== undefined) this.skip();
    process.env.MITSCHNITT_LAB = folder;
    process.env.PATH = folder; // no bash, no apt
    try {
      const failure = await provisionAsterisk(22).catch((error) => error);
      expect(failure).to.include({ code: "lab-no-asterisk" });
      expect(failure.hint).to.include("apt-get install asterisk");
    } finally {
      process.env.PATH = PATH;
      if (MITSCHNITT_LAB === undefined) delete process.env.MITSCHNITT_LAB;
      else process.env.MITSCHNITT_LAB = MITSCHNITT_LAB;
    }
  });
});
