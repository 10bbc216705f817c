// Lets a process of the lab go first where the machine is busy with other work, so that what it stutters because of them
// is not taken for a fault of ours. Where that is not permitted (it takes root), nothing changes.

import { readdirSync } from "node:fs";
import { setPriority } from "node:os";

const niceness = -15;

/** All of its threads; those that they begin later inherit it. */
export function firstAtTheProcessor(pid: number): void {
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      setPriority(Number(thread), niceness);
    } catch {
      // Not root, or the thread has ended meanwhile.
    }
  }
}
