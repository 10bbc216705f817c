import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { insideFolder, openSpool } from "../../src/spool/spool.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const id = "0123456789abcdef0123456789abcdef";

describe("spool", () => {
  const folder = temporaryFolder();

  it("makes its folders writable for one group, closed for everybody else", async () => {
    const spool = await openSpool(folder());
    expect(statSync(spool.openFolder).mode & 0o7777).to.equal(0o2770);
  });

  it("moves a recording under its final name, once, however often it is asked", async () => {
    const spool = await openSpool(folder());
    writeFileSync(spool.openPath(id), "audio");
    await spool.moveToTransfer(id, "a.wav");
    await spool.moveToTransfer(id, "a.wav");
    expect(readFileSync(spool.transferPath("a.wav"), "utf8")).to.equal("audio");
    expect(existsSync(spool.openPath(id))).to.equal(false);
  });

  it("never overwrites a file that is there", async () => {
    const spool = await openSpool(folder());
    writeFileSync(spool.openPath(id), "new");
    writeFileSync(spool.transferPath("a.wav"), "old");
    const error = await spool.moveToTransfer(id, "a.wav").catch((e: { code: string }) => e.code);
    expect(error).to.equal("name-taken");
    expect([readFileSync(spool.transferPath("a.wav"), "utf8"), existsSync(spool.openPath(id))]).to.deep.equal(
      ["old", true],
    );
  });

  it("takes no id and no name that leads elsewhere", async () => {
    const spool = await openSpool(folder());
    expect(() => spool.openPath("../../etc/passwd")).to.throw(/32 hex digits/);
    for (const name of ["../x.wav", "a/b.wav", "..", ""])
      expect(() => spool.transferPath(name)).to.throw(/without folders/);
  });

  it("tells which recordings are in progress, and what is free", async () => {
    const spool = await openSpool(folder());
    writeFileSync(spool.openPath(id), Buffer.alloc(1000));
    writeFileSync(join(spool.openFolder, "notes.txt"), "x");
    expect(await spool.openIds()).to.deep.equal([id]);
    expect(await spool.freeBytes()).to.be.greaterThan(0);
  });

  it("sees through a link that leads out of a folder", async () => {
    const spool = await openSpool(folder());
    mkdirSync(join(folder(), "elsewhere"));
    writeFileSync(join(folder(), "elsewhere", "secret"), "x");
    symlinkSync(join(folder(), "elsewhere", "secret"), spool.transferPath("link.wav"));
    writeFileSync(spool.transferPath("a.wav"), "x");
    expect(await insideFolder(spool.transferFolder, spool.transferPath("link.wav"))).to.equal(undefined);
    expect(await insideFolder(spool.transferFolder, spool.transferPath("a.wav"))).to.contain("a.wav");
    expect(await insideFolder(spool.transferFolder, spool.transferPath("missing.wav"))).to.equal(undefined);
  });
});
