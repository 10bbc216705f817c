// Nothing that the lab starts outlives it, however it ends.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { waitUntil } from "../../lab/deadline.ts";

const GUARD = fileURLToPath(new URL("../../lab/guard.sh", import.meta.url));

describe("guard", () => {
  it("runs the command as the very process that was started", async () => {
    const child = spawn("sh", [GUARD, "sh", "-c", "echo $$; exec sleep 30"]);
    const [output] = await once(child.stdout, "data");
    expect(Number(String(output))).to.equal(child.pid);
    child.kill("SIGKILL");
    await once(child, "exit");
  });

  it("passes the exit code on", async () => {
    const child = spawn("sh", [GUARD, "sh", "-c", "exit 7"]);
    expect(await once(child, "exit")).to.deep.equal([7, null]);
  });

  it("kills the command when its standard input ends", async () => {
    const child = spawn("sh", [GUARD, "sleep", "30"], { detached: true });
    child.stdin.end();
    expect(await once(child, "exit")).to.deep.equal([null, "SIGKILL"]);
  });

  for (const signal of ["SIGKILL", "SIGTERM", "SIGINT"] as const) {
    it(`ends the command when its starter gets ${signal}`, async () => {
      const script = `
        const { spawn } = require("node:child_process");
        const child = spawn("sh", [${JSON.stringify(GUARD)}, "sleep", "30"], { detached: true });
        console.log(child.pid);
        setInterval(() => {}, 1000);`;
      const starter = spawn(process.execPath, ["-e", script]);
      const [output] = await once(starter.stdout, "data");
      const pid = Number(String(output));
      expect(isRunning(pid)).to.equal(true);
      starter.kill(signal);
      await once(starter, "exit");
      await waitUntil("end of the command", () => !isRunning(pid));
    });
  }
});

/** A process that ended is a zombie until its new parent, the machine's init, looks after it. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}
