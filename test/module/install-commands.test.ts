import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { Command } from "commander";
import { registerInstallCommands } from "../../src/module/install-commands.ts";
import type { Installed } from "../../src/module/installer.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { asteriskInFolder, healthy } from "./asterisk-in-a-folder.ts";

describe("install commands", () => {
  const folder = temporaryFolder();

  async function run(...words: string[]) {
    const result = { out: "", err: "", exit: -1, installed: undefined as Installed["pbx"] | undefined };
    const program = new Command();
    registerInstallCommands(program, {
      dataDir: join(folder(), "data"),
      out: (text) => {
        result.out += text;
      },
      err: (text) => {
        result.err += text;
      },
      exit: (code) => {
        result.exit = code;
      },
      installed: async (_dataDir, pbx) => {
        result.installed = pbx;
      },
    });
    await program.parseAsync(words, { from: "user" });
    return result;
  }

  async function pbxFlags() {
    const { asteriskConf, asteriskBin } = await asteriskInFolder(folder(), healthy);
    return ["--asterisk-conf", asteriskConf, "--asterisk", asteriskBin];
  }

  it("install, say what they did, and hand on the PBX's address", async () => {
    const result = await run("install", ...(await pbxFlags()));
    expect(result).to.include({ exit: 0, err: "" });
    expect(result.installed).to.deep.equal({ host: "127.0.0.1", port: 5999, user: "mitschnitt" });
    expect(result.out).to.match(/^changed {2}ami-user {2}.*mitschnitt-manager.conf$/m);
  });

  it("print no secret", async () => {
    const { out } = await run("install", ...(await pbxFlags()), "--json");
    const secret = await readFile(join(folder(), "data", "secrets", "ami"), "utf8");
    expect(secret).to.have.length(32);
    expect(out).not.to.include(secret);
  });

  it("print one line of JSON for a program", async () => {
    const flags = await pbxFlags();
    const installed = JSON.parse((await run("install", "--json", ...flags)).out);
    expect(installed).to.include({ ok: true, asteriskRunning: true, dryRun: false });
    expect(installed.pbx).to.include({ port: 5999 });
    const removed = JSON.parse((await run("uninstall", "--json", ...flags)).out);
    expect(removed.done.map(({ what }: { what: string }) => what)).to.include.members([
      "ami-user",
      "dialplan",
      "secret",
    ]);
  });

  it("leave nothing in a dry run", async () => {
    const flags = await pbxFlags();
    const before = await readdir(folder(), { recursive: true });
    const result = await run("install", "--dry-run", ...flags);
    expect(result.out).to.match(/^would change {2}ami-user/m);
    expect(result.installed).to.equal(undefined);
    expect(await readdir(folder(), { recursive: true })).to.deep.equal(before);
  });

  it("fail with the reason and what to do, and leave nothing", async () => {
    const flags = ["--asterisk-conf", join(folder(), "none.conf")];
    const result = await run("install", ...flags);
    expect(result).to.include({ exit: 1, out: "" });
    expect(result.err).to.include("none.conf").and.include("--asterisk-conf");
    expect(await readdir(folder())).to.deep.equal([]);
    expect(JSON.parse((await run("uninstall", "--json", ...flags)).out)).to.have.nested.property(
      "error.code",
      "asterisk-conf-missing",
    );
  });
});
