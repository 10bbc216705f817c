// A private Asterisk, of both versions: boots, survives what tests do to it, and never outlives them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { expect } from "chai";
import { type Asterisk, startAsterisk } from "../../../lab/asterisk.ts";
import { waitUntil } from "../../../lab/deadline.ts";
import { type AsteriskVersion, provisionAsterisk } from "../../../lab/provision/asterisk.ts";

const files = ({ sip }: { sip: number }) => ({
  "extensions.conf": "[general]\n",
  "pjsip.conf": `[udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:${sip}\n`,
});

for (const version of [22, 16] as const satisfies readonly AsteriskVersion[]) {
  describe(`private Asterisk ${version}`, function () {
    this.timeout(60_000);
    let asterisk: Asterisk;

    before(async function () {
      this.timeout(300_000); // the first time it is downloaded
      asterisk = await startAsterisk({ binary: await provisionAsterisk(version), files });
    });
    after(() => asterisk?.stop());

    it("is the version that was asked for, and answers", async () => {
      expect(asterisk.binary.major).to.equal(version);
      expect(await asterisk.cli("core show version")).to.match(new RegExp(`^Asterisk ${version}\\.`));
    });

    it("boots without a warning", async () => {
      expect((await asterisk.log()).split("\n").filter((line) => /WARNING|ERROR/.test(line))).to.deep.equal(
        [],
      );
    });

    it("is back on the same ports after a crash", async () => {
      const before = asterisk.pid;
      await asterisk.kill();
      expect(asterisk.pid).to.equal(undefined);
      await asterisk.restart();
      expect(asterisk.pid).to.be.a("number").and.not.equal(before);
      expect((await asterisk.ami.action("Ping")).Ping).to.equal("Pong");
    });

    it("says clearly that a port is taken", async () => {
      const ports = { sip: asterisk.sipPort };
      const failure = await startAsterisk({ binary: asterisk.binary, files, ports }).catch((error) => error);
      expect(failure).to.include({ code: "lab-port-taken" });
    });

    it("ends with its starter, also by -9, and leaves no process", async () => {
      const script = `
        import { startAsterisk } from "./lab/asterisk.ts";
        import { provisionAsterisk } from "./lab/provision/asterisk.ts";
        const files = ${files.toString()};
        const asterisk = await startAsterisk({ binary: await provisionAsterisk(${version}), files });
        console.log(JSON.stringify({ pid: asterisk.pid, dir: asterisk.dir }));
        setInterval(() => {}, 1000);`;
      const starter = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script]);
      const [output] = await once(starter.stdout, "data");
      const { pid, dir } = JSON.parse(String(output)) as { pid: number; dir: string };
      expect(readFileSync(`/proc/${pid}/cmdline`, "latin1")).to.include("asterisk.conf");
      starter.kill("SIGKILL");
      await once(starter, "exit");
      await waitUntil("end of Asterisk", () => !isRunning(pid));
      await rm(dirname(dir), { recursive: true, force: true }); // nobody was left to do it
    });

    it("removes its temporary folder when it stops", async () => {
      const other = await startAsterisk({ binary: asterisk.binary, files });
      await other.stop();
      expect(existsSync(other.dir)).to.equal(false);
    });
  });
}

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
