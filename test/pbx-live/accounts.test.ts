import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { asAccount } from "../../lab/account.ts";
import { type Office, openOffice } from "../../lab/office.ts";
import { findTone, totalMs } from "../../lab/sound/tone.ts";
import { monoOf, readWav } from "../../lab/sound/wav.ts";
import { readWavFacts } from "../../src/spool/wav-file.ts";
import { canRunAs } from "../support/can-run-as.ts";
import { until } from "../support/until.ts";

// Numbers that no machine has given to anybody.
const asterisk = { uid: 64_000, gid: 64_000 };
const mitschnitt = { uid: 64_001, gid: 64_001, groups: [asterisk.gid] };
const stranger = { uid: 64_002, gid: 64_002 };

const program = (command: readonly string[]) => spawnSync(command[0] ?? "", command.slice(1));

describe("PBX and module under accounts of their own", function () {
  this.timeout(60_000);
  let office: Office;
  let etcBefore: string;

  const etc = (): string =>
    execFileSync("sh", ["-c", 'for f in *; do stat -c "%n %a %u:%g" "$f"; sha256sum "$f"; done'], {
      cwd: office.lab.pbx.etcDir,
      encoding: "utf8",
    });
  const install = (command: "install" | "uninstall") =>
    office.mitschnitt(
      command,
      ...["--asterisk-conf", join(office.lab.pbx.etcDir, "asterisk.conf")],
      ...["--asterisk", office.lab.pbx.binary.command, "--data", office.dataFolder],
    );
  const owned = (path: string): string => {
    const { uid, gid } = statSync(path);
    return `${uid}:${gid}`;
  };
  const openFile = (): string | undefined => {
    const folder = join(office.dataFolder, "spool/open");
    const name = readdirSync(folder).find((candidate) => candidate.endsWith(".wav"));
    return name === undefined ? undefined : join(folder, name);
  };

  before(async function () {
    this.timeout(180_000);
    if (!canRunAs(mitschnitt)) return this.skip();
    office = await openOffice({ version: 22, pbxAccount: asterisk, moduleAccount: mitschnitt });
    await install("uninstall");
    etcBefore = etc();
    const { stdout } = await install("install");
    // The account is in no list of accounts, so that its groups cannot be looked up.
    expect(stdout.match(/^warning .*/gm) ?? [])
      .to.have.length(1)
      .and.to.satisfy(([line = ""]) => line.includes("is not in Asterisk's group"));
    await office.module.start();
  });
  after(() => office?.stop());

  it("record, name and deliver a call with both voices", async () => {
    await office.lab.phone("alice", { answerAfterMs: 100, plays: "tone1000" });
    await office.lab.call({ from: "trunk", to: "101", plays: "tone440", hangUpAfterMs: 2000 });
    await office.settled(1);
    const name = office.recordings()[0]?.file_name ?? "";
    expect(owned(join(office.dataFolder, "spool/transfer", name))).to.equal("64000:64000");
    expect(owned(join(office.archiveFolder, name))).to.equal("64001:64001");
    const delivered = await readWav(join(office.archiveFolder, name));
    for (const hz of [440, 1000])
      expect(totalMs(findTone(monoOf(delivered), hz)), `${hz} Hz`).to.be.within(1850, 2150);
  });

  it("mend the header that a killed PBX left, in a file that only it may write", async () => {
    await office.lab.call({ from: "trunk", to: "101", plays: "tone440" });
    await until("Asterisk has written audio", () => {
      const file = openFile();
      return file !== undefined && statSync(file).size > 20_000 && owned(file) === "64000:64000";
    });
    await office.lab.pbx.kill();
    await office.lab.world.ami.action("Command", { Command: "channel request hangup all" });
    await office.lab.pbx.restart();
    await office.settled(2);
    const name = office.recordings()[1]?.file_name ?? "";
    const mended = join(office.dataFolder, "spool/transfer", name);
    expect(owned(mended)).to.equal("64001:64000");
    expect((await readWavFacts(mended)).closed).to.equal(true);
    expect(readFileSync(join(office.archiveFolder, name)).equals(readFileSync(mended))).to.equal(true);
    expect(office.calls().map(({ outcome }) => outcome)).to.deep.equal(["recorded", "recorded"]);
    expect((await office.mitschnitt("status")).stdout).to.include("No problems");
  });

  it("let nobody else look", () => {
    // The folder itself is open here, as a mkdir leaves it: what is in it has to be closed.
    const search = ["find", office.dataFolder, "-mindepth", "1", "-type", "f"];
    expect(program([...search, "-print"]).stdout.toString()).to.include(".wav");
    expect(program([...asAccount(stranger), ...search, "-readable"]).stdout.toString()).to.equal("");
    const byAsterisk = [...asAccount(asterisk), "cat", join(office.dataFolder, "secrets/ami")];
    expect(program(byAsterisk).stderr.toString()).to.include("Permission denied");
  });

  it("leave nothing in the PBX's configuration when the module goes", async () => {
    await office.module.stop();
    expect((await install("uninstall")).code).to.equal(0);
    expect(etc()).to.equal(etcBefore);
  });
});
