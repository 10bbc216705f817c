import { spawn } from "node:child_process";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { openAsteriskHost } from "../../src/module/asterisk-host.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";
import { rejection } from "./rejection.ts";

const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

describe("Asterisk host", () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder(), name);
  const open = async (conf: string, asteriskBin = "asterisk", cliTimeoutMs = 10_000) => {
    await writeFile(path("asterisk.conf"), conf);
    return openAsteriskHost({ asteriskConf: path("asterisk.conf"), asteriskBin, cliTimeoutMs });
  };
  const script = async (...lines: string[]) => {
    await writeFile(path("asterisk"), ["#!/bin/sh", ...lines, ""].join("\n"), { mode: 0o755 });
    return path("asterisk");
  };

  it("takes the folders of asterisk.conf", async () => {
    const host = await open("[directories]\nastetcdir => /a\nastspooldir = /b\nastrundir => /c\n");
    expect(host).to.include({ etcDir: "/a", spoolDir: "/b", runDir: "/c" });
  });

  it("takes the folders that Asterisk has without them", async () => {
    const host = await open("[directories](!)\nastetcdir => /a\n");
    expect(host).to.include({
      etcDir: folder(),
      spoolDir: "/var/spool/asterisk",
      runDir: "/var/run/asterisk",
    });
  });

  it("takes account and umask of the running process before anything else", async () => {
    const account = process.getuid?.() === 0 ? { uid: 4242, gid: 4343 } : own;
    // Any process stands in for Asterisk that has the word in its command line.
    const running = spawn("/bin/sh", ["-c", "umask 0027; read line", "asterisk"], {
      ...account,
      stdio: ["pipe", "ignore", "ignore"],
    });
    await writeFile(path("asterisk.pid"), `${running.pid}\n`);
    try {
      const host = await open(`[directories]\nastrundir => ${folder()}\n[options]\nrunuser = daemon\n`);
      expect(await host.account()).to.deep.equal(account);
      await until("its umask is the process's", async () => (await host.umask()) === 0o027);
    } finally {
      running.kill();
    }
  });

  it("does not believe a pid file whose process is another one by now", async () => {
    await writeFile(path("asterisk.pid"), "1\n");
    const host = await open(`[directories]\nastrundir => ${folder()}\n[options]\nrunuser = daemon\n`);
    expect(await host.account()).to.deep.equal({ uid: 1, gid: 1 });
  });

  it("takes the account of asterisk.conf, with the user's own group where none is named", async () => {
    const conf = `[directories]\nastrundir => ${folder()}\n[options]\nrunuser = daemon\n`;
    expect(await (await open(conf)).account()).to.deep.equal({ uid: 1, gid: 1 });
    expect(await (await open(`${conf}rungroup = root\n`)).account()).to.deep.equal({ uid: 1, gid: 0 });
  });

  it("names the account that does not exist", async () => {
    const host = await open(
      `[directories]\nastrundir => ${folder()}\n[options]\nrunuser = no-such-account\n`,
    );
    expect((await rejection(host.account())).message)
      .to.include("runuser")
      .and.include("no-such-account");
  });

  it("takes the owner of the spool where nothing is said", async () => {
    const host = await open(`[directories]\nastrundir => ${folder()}\nastspooldir => ${folder()}\n`);
    const { uid, gid } = await stat(folder());
    expect(await host.account()).to.deep.equal({ uid, gid });
  });

  it("asks Asterisk's command line, each command as one word", async () => {
    const host = await open("", await script('for word; do echo "<$word>"; done'));
    expect(await host.cli("dialplan show x; $(id)")).to.deep.equal({
      state: "answered",
      output: `<-C>\n<${path("asterisk.conf")}>\n<-rx>\n<dialplan show x; $(id)>\n`,
    });
  });

  it("says why there is no answer: not there, not running, hanging", async () => {
    expect(await (await open("", path("none"))).cli("x")).to.include({
      reason: `there is no ${path("none")}`,
    });
    const refusing = await script("echo 'Unable to connect to remote asterisk' >&2", "exit 1");
    expect(await (await open("", refusing)).cli("x")).to.include({
      reason: "Unable to connect to remote asterisk",
    });
    const hanging = await script("exec sleep 60");
    expect(await (await open("", hanging, 200)).cli("x")).to.include({ reason: "no answer within 0.2 s" });
  });

  it("names the file that is not there", async () => {
    const error = await rejection(
      openAsteriskHost({ asteriskConf: path("none.conf"), asteriskBin: "asterisk" }),
    );
    expect(error).to.include({ code: "asterisk-conf-missing" });
    expect(error.message).to.include("none.conf");
  });
});
