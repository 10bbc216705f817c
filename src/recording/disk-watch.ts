// Keeps an eye on the disk of the spool: below the reserve no recording is begun, so that the journal can still be
// written, and a condition says so until there is space again.

import type { Conditions } from "../core/conditions.ts";
import { type Reason, reason } from "../core/reason.ts";
import type { Spool } from "../spool/spool.ts";

export interface DiskWatch {
  /** Looks at the disk; call it every few seconds. */
  check(): Promise<void>;
  /** The reason not to begin a recording now, or undefined when there is space; at once, from the last look. */
  reasonNotToBegin(): Reason | undefined;
}

export interface DiskWatchParts {
  readonly spool: Pick<Spool, "freeBytes">;
  readonly conditions: Conditions;
  readonly now: () => Date;
  readonly reserveMiB: () => number;
}

const subject = "disk";
const bytesPerMiB = 1024 * 1024;

export function createDiskWatch({ spool, conditions, now, reserveMiB }: DiskWatchParts): DiskWatch {
  let full: Reason | undefined;
  return {
    async check() {
      const freeMiB = Math.floor((await spool.freeBytes()) / bytesPerMiB);
      if (freeMiB >= reserveMiB()) {
        full = undefined;
        conditions.clear(subject);
        return;
      }
      full = reason("disk-full", { freeMiB, reserveMiB: reserveMiB() });
      const message = `${reserveMiB()} MiB must stay free for the journal, less is: no recording is begun`;
      const hint =
        "Free some space on the disk of the data folder, or move it to a larger one. Recording goes on by itself then.";
      conditions.raise(subject, { code: "disk-full", message, hint }, now());
    },
    reasonNotToBegin: () => full,
  };
}
