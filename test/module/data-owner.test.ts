import { chown, link, mkdir, rmdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { handDataOver } from "../../src/module/data-owner.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const service = 4141;

describe("data handed over to the module's account", () => {
  const folder = temporaryFolder();
  const data = (...parts: string[]) => join(folder(), "data", ...parts);
  const ownerOf = async (path: string) => (await stat(path)).uid;

  beforeEach(async function () {
    if (process.getuid?.() !== 0) this.skip();
    await mkdir(data("secrets"), { recursive: true });
    await chown(data(), service, 4343);
  });

  it("is what root wrote, secrets included, and not for Asterisk's group", async () => {
    for (const name of ["settings.json", "journal.db", "secrets/ami"]) await writeFile(data(name), "x");
    await handDataOver(data());
    for (const name of ["settings.json", "journal.db", "secrets", "secrets/ami"])
      expect(await stat(data(name)), name).to.include({ uid: service, gid: 0 });
  });

  it("is nothing that a link makes look like data", async () => {
    await writeFile(join(folder(), "of-the-system"), "x");
    await link(join(folder(), "of-the-system"), data("hard"));
    await symlink(join(folder(), "of-the-system"), data("soft"));
    await handDataOver(data());
    expect(await ownerOf(join(folder(), "of-the-system"))).to.equal(0);
  });

  it("is nothing in a folder that a link makes look like the secrets", async () => {
    await rmdir(data("secrets"));
    await mkdir(join(folder(), "etc"));
    await writeFile(join(folder(), "etc", "shadow"), "x");
    await symlink(join(folder(), "etc"), data("secrets"));
    await handDataOver(data());
    expect(await ownerOf(join(folder(), "etc", "shadow"))).to.equal(0);
    expect(await ownerOf(join(folder(), "etc"))).to.equal(0);
  });

  it("is nothing of a third account", async () => {
    await writeFile(data("x"), "x");
    await chown(data("x"), 4444, 4444);
    await handDataOver(data());
    expect(await ownerOf(data("x"))).to.equal(4444);
  });
});
