import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { type Office, openOffice } from "../../lab/office.ts";
import { readWav } from "../../lab/sound/wav.ts";
import { login } from "../support/login.ts";
import { until } from "../support/until.ts";

/** What the command says, what the page says, what the log says: the same trouble in all three. */
const expectTold = async (office: Office, page: () => Promise<string>, code: string, words: RegExp) => {
  await until(`the log has ${code}`, () => office.module.log().includes(`"code":"${code}"`), 20_000);
  const status = await office.mitschnitt("status", "--json");
  expect(status.code).to.equal(1);
  const { conditions } = JSON.parse(status.stdout) as {
    conditions: { code: string; message: string; hint: string }[];
  };
  const told = conditions.find((condition) => condition.code === code);
  expect(told?.message).to.match(words);
  expect(told?.hint).to.have.length.above(20);
  expect(await page()).to.contain(`data-condition="${code}"`);
  expect(office.module.log()).to.not.match(/uncaught|unhandled/i);
};

const expectHealthy = async (office: Office): Promise<void> => {
  await until(
    "nothing is wrong any more",
    async () => (await office.mitschnitt("status")).code === 0,
    20_000,
  );
};

/** One incoming call of a second that alice answers; returns its outcome. */
const callOnce = async (office: Office): Promise<string> => {
  const before = office.calls().length;
  const call = await office.lab.call({ from: "trunk", to: "101", plays: "tone440", hangUpAfterMs: 1000 });
  await call.ended();
  await office.settled(before + 1);
  const row = office.calls()[before];
  return `${row?.outcome}: ${row?.reason_code}`;
};

describe("trouble on a real PBX", function () {
  this.timeout(90_000);
  let office: Office;
  let page: () => Promise<string>;

  before(async function () {
    this.timeout(180_000);
    office = await openOffice({ version: 22 });
    const { address, password } = await office.module.start();
    page = await login(address, password);
  });
  after(() => office?.stop());

  it("PBX gone: says so, and records again when it is back", async () => {
    await office.lab.pbx.stop();
    await expectTold(office, page, "pbx-unreachable", /refused|reached/i);
    await office.lab.pbx.restart();
    await expectHealthy(office);
    expect(await callOnce(office)).to.equal("recorded: by-rule");
  });

  it("settings broken by hand: says so, leaves the file alone and records as before", async () => {
    const path = join(office.dataFolder, "settings.json");
    const good = readFileSync(path, "utf8");
    const broken = good.replace('"language": "de"', '"language": "xx", "colour": 1');
    writeFileSync(path, broken);
    await expectTold(office, page, "settings-invalid", /language: expected one of de, en, got "xx".*colour/);
    expect(await callOnce(office)).to.equal("recorded: by-rule");
    await office.module.stop();
    const { address } = await office.module.start();
    expect(address).to.match(/^http/);
    expect((await office.mitschnitt("status")).stdout).to.contain('got "xx"');
    expect(await callOnce(office)).to.equal("recorded: by-rule");
    expect(readFileSync(path, "utf8")).to.equal(broken);
    writeFileSync(path, good);
    await expectHealthy(office);
  });
});

describe("a wrong AMI secret", function () {
  this.timeout(180_000);

  it("is told with a hint, and connects as soon as it is right", async () => {
    const office = await openOffice({ version: 22 });
    try {
      const secretFile = join(office.dataFolder, "secrets/ami");
      const secret = readFileSync(secretFile, "utf8");
      writeFileSync(secretFile, "wrong");
      const { address, password } = await office.module.start({ connected: false });
      const page = await login(address, password);
      await expectTold(office, page, "pbx-login-refused", /login of user "mitschnitt" refused/);
      expect(office.module.log()).to.not.contain('"wrong"');
      writeFileSync(secretFile, secret);
      await office.module.stop();
      await office.module.start();
      expect(await callOnce(office)).to.equal("recorded: by-rule");
    } finally {
      await office.stop();
    }
  });
});

describe("a full disk", function () {
  this.timeout(180_000);
  let office: Office;
  let disk = "";
  const filler = (): string => join(disk, "filler");
  const fill = (bytes: number): void => {
    writeFileSync(filler(), Buffer.alloc(bytes));
  };
  /** Writes until nothing fits any more. */
  const fillUp = (): void => {
    try {
      fill(64 * 1024 * 1024);
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).to.equal("ENOSPC");
    }
  };

  beforeEach(async () => {
    disk = mkdtempSync(join(tmpdir(), "mitschnitt-disk-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=32m", "tmpfs", disk]);
    office = await openOffice({
      version: 22,
      dataFolder: join(disk, "data"),
      settings: () => ({ storage: { reserveMiB: 8 } }),
    });
    await office.lab.phone("alice", { answerAfterMs: 100, plays: "tone1000" });
  });
  afterEach(async () => {
    await office?.stop();
    execFileSync("umount", [disk]);
    rmdirSync(disk);
  });

  it("begins no recording when the reserve is reached, says so, and records again when there is space", async () => {
    const { address, password } = await office.module.start();
    const page = await login(address, password);
    fill(26 * 1024 * 1024);
    await expectTold(office, page, "disk-full", /8 MiB must stay free/);
    expect(await callOnce(office)).to.equal("failed: disk-full");
    unlinkSync(filler());
    await expectHealthy(office);
    expect(await callOnce(office)).to.equal("recorded: by-rule");
  });

  it("in mid-call costs only what could not be written, and no outcome", async () => {
    await office.module.start();
    const call = await office.lab.call({ from: "trunk", to: "101", plays: "tone440", hangUpAfterMs: 6000 });
    await until("it is recorded", () => office.recordings().length === 1);
    const file = join(disk, "data/spool/open", `${office.recordings()[0]?.id}.wav`);
    await until(
      "two seconds are on the disk",
      () => existsSync(file) && statSync(file).size > 32_000,
      10_000,
    );
    fillUp();
    await call.ended();
    await office.lab.idle();
    await until("the module says what it cannot write", () =>
      office.module.log().includes("cannot be written"),
    );
    unlinkSync(filler());
    await office.settled(1);
    const [row] = office.recordings();
    expect(office.calls().map(({ outcome }) => outcome)).to.deep.equal(["recorded"]);
    const delivered = await readWav(join(office.archiveFolder, row?.file_name ?? ""));
    expect(delivered.durationMs).to.be.within(1900, 6100);
    await expectHealthy(office);
  });
});
