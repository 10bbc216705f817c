import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { install } from "../../src/module/installer.ts";
import { uninstall } from "../../src/module/uninstaller.ts";
import { amiSecretName, openSecrets } from "../../src/settings/secrets.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import {
  asteriskInFolder,
  extensionsConf,
  type FolderAsterisk,
  healthy,
  managerConf,
} from "./asterisk-in-a-folder.ts";
import { rejection } from "./rejection.ts";

describe("installer", () => {
  const folder = temporaryFolder();
  const secrets = () => openSecrets(join(folder(), "kept"));
  const optionsFor = (pbx: FolderAsterisk) => ({
    ...pbx,
    dataDir: join(folder(), "data"),
    user: "mitschnitt",
    secrets: secrets(),
  });
  const etcFiles = async ({ etcDir }: FolderAsterisk) => {
    const names = await readdir(etcDir);
    const texts = await Promise.all(names.map((name) => readFile(join(etcDir, name), "utf8")));
    return Object.fromEntries(names.map((name, index) => [name, texts[index]]));
  };
  const codes = (report: { warnings: readonly { code: string }[] }) =>
    report.warnings.map(({ code }) => code);

  it("writes the files of an Asterisk that does not run, says so, and takes them out again", async () => {
    const pbx = await asteriskInFolder(folder());
    const before = await etcFiles(pbx);
    const report = await install(optionsFor(pbx));
    expect(report).to.include({ asteriskRunning: false, dryRun: false });
    expect(codes(report)).to.deep.equal(["asterisk-not-running"]);
    expect(report.pbx).to.deep.equal({ host: "127.0.0.1", port: 5999, user: "mitschnitt" });
    const after = await etcFiles(pbx);
    expect(after["mitschnitt-manager.conf"]).to.include(`secret = ${secrets().get(amiSecretName)}`);
    expect(after["manager.conf"]).to.include('#include "mitschnitt-manager.conf"').and.include(managerConf);
    expect(after["extensions.conf"])
      .to.include('#include "mitschnitt-extensions.conf"')
      .and.include(extensionsConf);
    await uninstall(optionsFor(pbx));
    expect(await etcFiles(pbx)).to.deep.equal(before);
    expect(secrets().get(amiSecretName)).to.equal(undefined);
  });

  it("lets nobody but root and Asterisk's group read the secret", async () => {
    const pbx = await asteriskInFolder(folder());
    await install(optionsFor(pbx));
    const own = await stat(join(pbx.etcDir, "mitschnitt-manager.conf"));
    expect(own.mode & 0o7777).to.equal(0o640);
    expect(own.gid).to.equal((await stat(pbx.spoolDir)).gid);
  });

  it("has nothing to complain of on a healthy Asterisk, and nothing to do the second time", async () => {
    const pbx = await asteriskInFolder(folder(), healthy);
    expect(codes(await install(optionsFor(pbx)))).to.deep.equal([]);
    const installed = await etcFiles(pbx);
    expect((await install(optionsFor(pbx))).done).to.deep.equal([]);
    expect(await etcFiles(pbx)).to.deep.equal(installed);
  });

  it("touches nothing in a dry run, and names what it would do", async () => {
    const pbx = await asteriskInFolder(folder(), healthy);
    const before = await etcFiles(pbx);
    const report = await install({ ...optionsFor(pbx), dryRun: true });
    expect(report.done.map(({ what }) => what)).to.include.members([
      "ami-user",
      "ami-user-include",
      "dialplan",
      "secret",
      "folder",
    ]);
    expect(await etcFiles(pbx)).to.deep.equal(before);
    expect(secrets().get(amiSecretName)).to.equal(undefined);
    expect(await readdir(folder())).not.to.include("data");
  });

  for (const [what, silenced, code] of [
    ["does not take the AMI user", "manager show user mitschnitt", "not-loaded"],
    ["does not take the dialplan", "dialplan show", "not-loaded"],
  ] as const)
    it(`takes back everything when Asterisk ${what}`, async () => {
      const pbx = await asteriskInFolder(folder(), { ...healthy, [silenced]: "nothing" });
      const before = await etcFiles(pbx);
      expect((await rejection(install(optionsFor(pbx)))).code).to.equal(code);
      expect(await etcFiles(pbx)).to.deep.equal(before);
      expect(secrets().get(amiSecretName)).to.equal(undefined);
      expect(await readdir(folder())).not.to.include("data");
    });

  it("takes back what came before a file that it cannot change", async () => {
    const pbx = await asteriskInFolder(folder());
    await writeFile(join(pbx.etcDir, "extensions.conf"), "; >>> mitschnitt: half a block\n");
    const before = await etcFiles(pbx);
    expect((await rejection(install(optionsFor(pbx)))).code).to.equal("block-damaged");
    expect(await etcFiles(pbx)).to.deep.equal(before);
  });

  it("keeps the secret of an earlier installation when it fails", async () => {
    const pbx = await asteriskInFolder(folder());
    await install(optionsFor(pbx));
    const secret = secrets().get(amiSecretName);
    await writeFile(join(pbx.etcDir, "extensions.conf"), "; <<< mitschnitt\n");
    await rejection(install(optionsFor(pbx)));
    expect(secrets().get(amiSecretName)).to.equal(secret);
  });

  for (const [what, file, text, code] of [
    ["an AMI user of that name", "manager.conf", `${managerConf}[mitschnitt]\nsecret = x\n`, "name-taken"],
    ["a context of that name", "extensions.conf", "[mitschnitt-member]\nexten => s,1,NoOp()\n", "name-taken"],
    ["a file of that name", "mitschnitt-manager.conf", "[other]\n", "file-in-the-way"],
  ] as const)
    it(`refuses to take over ${what}`, async () => {
      const pbx = await asteriskInFolder(folder());
      await writeFile(join(pbx.etcDir, file), text);
      const before = await etcFiles(pbx);
      expect((await rejection(install(optionsFor(pbx)))).code).to.equal(code);
      expect(await etcFiles(pbx)).to.deep.equal(before);
    });

  it("says what to change where AMI is switched off, and does not change it", async () => {
    const pbx = await asteriskInFolder(folder(), healthy);
    const off = managerConf.replace("yes", "no");
    await writeFile(join(pbx.etcDir, "manager.conf"), off);
    const report = await install(optionsFor(pbx));
    expect(codes(report)).to.deep.equal(["ami-disabled"]);
    expect((await readFile(join(pbx.etcDir, "manager.conf"), "utf8")).endsWith(off)).to.equal(true);
  });

  it("names the modules that Asterisk has not loaded", async () => {
    const without = healthy["module show like"].replace(
      /format_wav.*Running/,
      "format_wav.so WAV 0 Not Running",
    );
    const pbx = await asteriskInFolder(folder(), { ...healthy, "module show like": without });
    const { warnings } = await install(optionsFor(pbx));
    expect(warnings.map(({ message }) => message)).to.deep.equal([
      "Asterisk has not loaded format_wav.so, which Mitschnitt needs",
    ]);
  });

  it("refuses an Asterisk that is too old", async () => {
    const pbx = await asteriskInFolder(folder(), {
      ...healthy,
      "core show version": "Asterisk 13.38.3 built by x",
    });
    expect((await rejection(install(optionsFor(pbx)))).code).to.equal("asterisk-too-old");
  });

  it("says what is missing where there is no Asterisk, or no AMI", async () => {
    const pbx = await asteriskInFolder(folder());
    await rm(join(pbx.etcDir, "manager.conf"));
    expect((await rejection(install(optionsFor(pbx)))).code).to.equal("manager-conf-missing");
    const none = { ...optionsFor(pbx), asteriskConf: join(folder(), "none", "asterisk.conf") };
    for (const attempt of [install(none), uninstall(none)])
      expect(await rejection(attempt)).to.include({ code: "asterisk-conf-missing" });
  });

  it("makes an extensions.conf where the dialplan lives elsewhere, and removes it again", async () => {
    const pbx = await asteriskInFolder(folder());
    await rm(join(pbx.etcDir, "extensions.conf"));
    await install(optionsFor(pbx));
    expect((await stat(join(pbx.etcDir, "extensions.conf"))).mode & 0o7777).to.equal(0o640);
    await uninstall(optionsFor(pbx));
    expect(await readdir(pbx.etcDir)).to.have.members(["asterisk.conf", "manager.conf"]);
  });

  it("tells which lines went with its block when it is taken out", async () => {
    const pbx = await asteriskInFolder(folder());
    await install(optionsFor(pbx));
    const manager = join(pbx.etcDir, "manager.conf");
    const text = await readFile(manager, "utf8");
    await writeFile(manager, text.replace("#include", '#include "mine.conf"\n#include'));
    const report = await uninstall(optionsFor(pbx));
    expect(codes(report)).to.include("block-edited");
    expect(report.warnings.map(({ message }) => message).join()).to.include("mine.conf");
  });

  it("leaves the recordings when it is taken out", async () => {
    const pbx = await asteriskInFolder(folder());
    await install(optionsFor(pbx));
    await mkdir(join(folder(), "data", "spool", "open", "x"));
    await uninstall(optionsFor(pbx));
    expect(await readdir(join(folder(), "data", "spool", "open"))).to.deep.equal(["x"]);
  });

  it("refuses a user name that is more than a name", async () => {
    const pbx = await asteriskInFolder(folder());
    const error = await rejection(install({ ...optionsFor(pbx), user: "a]\nwrite = all" }));
    expect(error.code).to.equal("ami-user-name");
  });
});
