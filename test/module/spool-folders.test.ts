import { chmod, chown, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { createFileChanges } from "../../src/module/file-changes.ts";
import { createReportBuilder } from "../../src/module/install-report.ts";
import { prepareSpoolFolders } from "../../src/module/spool-folders.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

// Accounts that no machine has; only root may give folders to them.
const asterisk = { uid: 4242, gid: 4343 };
const service = { uid: 4141, gid: 4141 };

describe("spool folders", () => {
  const folder = temporaryFolder();
  const data = (...parts: string[]) => join(folder(), "data", ...parts);
  const rightsOf = async (path: string) => {
    const { mode, uid, gid } = await stat(path);
    return `${(mode & 0o7777).toString(8)} ${uid}:${gid}`;
  };
  const prepare = async (umask?: number) => {
    const [report, changes] = [createReportBuilder(), createFileChanges({ dryRun: false })];
    await prepareSpoolFolders({ dataDir: data(), asterisk, umask, changes, report, dryRun: false });
    const { done, warnings } = report.build({ asteriskRunning: false, dryRun: false });
    return { changes, done, codes: warnings.map(({ code }) => code) };
  };

  beforeEach(async function () {
    if (process.getuid?.() !== 0) this.skip();
    await chmod(folder(), 0o755);
    await mkdir(data(), { mode: 0o750 });
    await chown(data(), service.uid, service.gid);
  });

  it("belong to the module's account and to Asterisk's group, and to nobody else", async () => {
    await prepare();
    for (const name of ["open", "transfer"])
      expect(await rightsOf(data("spool", name))).to.equal(`2770 ${service.uid}:${asterisk.gid}`);
  });

  it("let Asterisk through the data folder, but not look around in it", async () => {
    await prepare();
    expect(await rightsOf(data())).to.equal(`710 ${service.uid}:${asterisk.gid}`);
    expect(await rightsOf(data("spool"))).to.equal(`710 ${service.uid}:${asterisk.gid}`);
  });

  it("leave a data folder that Asterisk can pass as it is", async () => {
    await chmod(data(), 0o751);
    await prepare();
    expect(await rightsOf(data())).to.equal(`751 ${service.uid}:${service.gid}`);
  });

  it("need nothing the second time", async () => {
    await prepare();
    expect((await prepare()).done).to.deep.equal([]);
  });

  it("are as before when the installation is taken back", async () => {
    const { changes } = await prepare();
    await changes.takeBack();
    expect(await rightsOf(data())).to.equal(`750 ${service.uid}:${service.gid}`);
    expect(await stat(data("spool")).catch(() => "gone")).to.equal("gone");
  });

  it("come with a word about a module that is not in Asterisk's group", async () => {
    expect((await prepare()).codes).to.deep.equal(["service-not-in-group"]);
  });

  it("come with a word about a data folder that belongs to root", async () => {
    await chown(data(), 0, 0);
    expect((await prepare()).codes).to.deep.equal(["data-owned-by-root"]);
  });

  it("come with a word about a folder on the way that Asterisk may not pass", async () => {
    await chmod(folder(), 0o700);
    expect((await prepare()).codes).to.include("spool-out-of-reach");
  });

  it("name an umask of Asterisk's that keeps the module from its recordings, and no other", async () => {
    expect((await prepare(0o077)).codes).to.include("asterisk-umask");
    expect((await prepare(0o027)).codes).to.not.include("asterisk-umask");
    await chown(data(), asterisk.uid, asterisk.gid);
    expect((await prepare(0o077)).codes, "one account for both").to.not.include("asterisk-umask");
  });
});
