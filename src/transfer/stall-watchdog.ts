// Ends an attempt that stands still. Standing still is less than 64 KiB in a minute without a new phase: a server that
// takes one byte a second keeps every timeout of the protocol quiet and would hold the target's only place for days.

import type { Progress } from "./target.ts";

const leastBytes = 64 * 1024;

export interface StallWatchdog {
  moved(progress: Progress): void;
  stop(): void;
}

/** `onStall` is called at most once. */
export function createStallWatchdog(stallMs: number, onStall: () => void): StallWatchdog {
  /** Where it was when it was last found to move, and where it was seen last. */
  let mark: Progress | undefined;
  let seen: Progress | undefined;
  let timer = setTimeout(onStall, stallMs);
  return {
    moved(progress) {
      // Fewer bytes than before: the same phase has begun again, with another file to compare.
      const hasMoved =
        mark === undefined ||
        seen === undefined ||
        progress.phase !== mark.phase ||
        progress.bytes < seen.bytes ||
        progress.bytes - mark.bytes >= leastBytes;
      seen = progress;
      if (!hasMoved) return;
      mark = progress;
      clearTimeout(timer);
      timer = setTimeout(onStall, stallMs);
    },
    stop: () => clearTimeout(timer),
  };
}
