// Lets a process of the lab go first where the machine is busy with other work, as Asterisk's own option -p does, so that
// what it stutters because of them is not taken for a fault of ours. Where that is not permitted, nothing changes.

import { spawnSync } from "node:child_process";

/** All of its threads; those that they begin later inherit it. Niceness would only count within a session. */
export function firstAtTheProcessor(pid: number): void {
  spawnSync("chrt", ["--all-tasks", "--rr", "--pid", "10", String(pid)], { stdio: "ignore" });
}
