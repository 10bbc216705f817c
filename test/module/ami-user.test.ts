import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { amiGeneral, amiUserConf } from "../../src/module/ami-user.ts";
import { readConfig } from "../../src/module/asterisk-config.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describe("AMI user", () => {
  const folder = temporaryFolder();
  const path = (...parts: string[]) => join(folder(), ...parts);
  const general = async (lines: string) => {
    await writeFile(path("manager.conf"), `[general]\n${lines}\n`);
    return amiGeneral((await readConfig(path("manager.conf"), path())) ?? []);
  };

  it("is refused from everywhere, IPv6 included, but for one address", () => {
    const lines = amiUserConf({ user: "mitschnitt", secret: "s", permit: "127.0.0.1" }).split("\n");
    expect(lines.filter((line) => /^(deny|permit)/.test(line))).to.deep.equal([
      "deny = 0.0.0.0/0.0.0.0",
      "deny = ::/0",
      "permit = 127.0.0.1/32",
    ]);
  });

  it("may log in by IPv6 where AMI listens there only", async () => {
    const { host } = await general("bindaddr = ::1");
    expect(amiUserConf({ user: "mitschnitt", secret: "s", permit: host })).to.include("permit = ::1/128");
  });

  it("is reached by loopback where AMI listens everywhere, and else where it listens", async () => {
    for (const everywhere of ["", "bindaddr = 0.0.0.0", "bindaddr = ::", "bindaddr = [::]"])
      expect((await general(everywhere)).host).to.equal("127.0.0.1");
    expect((await general("bindaddr = 192.0.2.7")).host).to.equal("192.0.2.7");
  });

  it("is reached at the port of manager.conf, 5038 without one", async () => {
    expect((await general("port = 5999")).port).to.equal(5999);
    expect((await general("")).port).to.equal(5038);
  });

  it("needs AMI to be switched on, in any of Asterisk's words for it", async () => {
    for (const word of ["yes", "true", "on", "1", "Yes"])
      expect((await general(`enabled = ${word}`)).enabled, word).to.equal(true);
    for (const word of ["no", "false", "", "enabled"])
      expect((await general(`enabled = ${word}`)).enabled, word).to.equal(false);
    expect((await general("")).enabled).to.equal(false);
  });
});
