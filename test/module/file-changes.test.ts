import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { createFileChanges } from "../../src/module/file-changes.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { rejection } from "./rejection.ts";

const own = () => ({ mode: 0o640, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

/** Root may write everywhere, so for once it is somebody who may not. */
async function asNobody<T>(task: () => Promise<T>): Promise<T> {
  if (!isRoot) return task();
  process.seteuid?.(nobody);
  try {
    return await task();
  } finally {
    process.seteuid?.(0);
  }
}

describe("file changes", () => {
  const folder = temporaryFolder();
  const path = (...parts: string[]) => join(folder(), ...parts);
  const changes = () => createFileChanges({ dryRun: false });

  it("keeps the mode of a file that it changes", async () => {
    await writeFile(path("a.conf"), "old");
    await chmod(path("a.conf"), 0o604);
    expect(await changes().put(path("a.conf"), Buffer.from("new"), undefined)).to.equal(true);
    expect(await readFile(path("a.conf"), "utf8")).to.equal("new");
    expect((await stat(path("a.conf"))).mode & 0o7777).to.equal(0o604);
  });

  it("keeps the owner of a file that it changes", async function () {
    if (!isRoot) this.skip();
    await writeFile(path("a.conf"), "old");
    await chown(path("a.conf"), 4242, 4343);
    await changes().put(path("a.conf"), Buffer.from("new"), undefined);
    expect(await stat(path("a.conf"))).to.include({ uid: 4242, gid: 4343 });
  });

  it("makes a new file with the rights asked for, whatever the umask", async () => {
    await changes().put(path("a.conf"), Buffer.from("x"), { ...own(), mode: 0o666 });
    expect((await stat(path("a.conf"))).mode & 0o7777).to.equal(0o666);
  });

  it("edits the target of a link, and leaves the link", async () => {
    await mkdir(path("real"));
    await writeFile(path("real", "a.conf"), "old");
    await symlink("real/a.conf", path("a.conf"));
    await changes().put(path("a.conf"), Buffer.from("new"), undefined);
    expect(await readlink(path("a.conf"))).to.equal("real/a.conf");
    expect(await readFile(path("real", "a.conf"), "utf8")).to.equal("new");
  });

  it("refuses a link that leads nowhere", async () => {
    await symlink("nowhere", path("a.conf"));
    const error = await rejection(changes().put(path("a.conf"), Buffer.from("x"), own()));
    expect(error).to.have.property("code", "dangling-link");
    expect((await lstat(path("a.conf"))).isSymbolicLink()).to.equal(true);
  });

  it("says that nothing had to be changed, and does not touch the file", async () => {
    await changes().put(path("a.conf"), Buffer.from("x"), own());
    const before = await stat(path("a.conf"));
    expect(await changes().put(path("a.conf"), Buffer.from("x"), own())).to.equal(false);
    expect((await stat(path("a.conf"))).ino).to.equal(before.ino);
  });

  it("takes everything back: changed, made and removed files", async () => {
    await writeFile(path("changed"), "old", { mode: 0o600 });
    await writeFile(path("removed"), "kept", { mode: 0o604 });
    const work = changes();
    await work.put(path("changed"), Buffer.from("new"), own());
    await work.put(path("changed"), Buffer.from("newer"), own());
    await work.put(path("made"), Buffer.from("x"), own());
    await work.remove(path("removed"));
    await work.takeBack();
    expect(await readdir(path())).to.deep.equal(["changed", "removed"]);
    expect(await readFile(path("changed"), "utf8")).to.equal("old");
    expect((await stat(path("changed"))).mode & 0o7777).to.equal(0o600);
    expect(await readFile(path("removed"), "utf8")).to.equal("kept");
    expect((await stat(path("removed"))).mode & 0o7777).to.equal(0o604);
  });

  it("changes nothing in a dry run, and says what it would", async () => {
    await writeFile(path("a.conf"), "old");
    const dry = createFileChanges({ dryRun: true });
    expect(await dry.put(path("a.conf"), Buffer.from("new"), undefined)).to.equal(true);
    expect(await dry.put(path("b.conf"), Buffer.from("new"), own())).to.equal(true);
    expect(await dry.remove(path("a.conf"))).to.equal(true);
    expect(await readdir(path())).to.deep.equal(["a.conf"]);
    expect(await readFile(path("a.conf"), "utf8")).to.equal("old");
  });

  it("is not stopped by what an interrupted run left", async () => {
    await writeFile(path("a.conf"), "old");
    await writeFile(path("a.conf.mitschnitt.part"), "half");
    await changes().put(path("a.conf"), Buffer.from("new"), undefined);
    expect(await readdir(path())).to.deep.equal(["a.conf"]);
  });

  it("names the file and what to do where it may not write", async () => {
    await mkdir(path("closed"), { mode: 0o555 });
    await chmod(folder(), 0o711);
    const error = await asNobody(() =>
      rejection(changes().put(path("closed", "a.conf"), Buffer.from("x"), own())),
    );
    expect(error).to.have.property("code", "not-permitted");
  });
});
