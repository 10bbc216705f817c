// The phones have to send a packet every 20 ms, whatever else the machine does. Gives them precedence where we may, and
// tells when they stood still all the same.

import { getPriority, setPriority } from "node:os";
import type { Span } from "./spans.ts";

const PRECEDENCE = -10;
const LOOK_MS = 5;
/** Packets that are less late than that cost no recording anything. */
const STALL_MS = 40;

/** For this process and all that it starts; returns what takes it back. Takes root, and is nothing without. */
export function takePrecedence(): () => void {
  const before = getPriority();
  try {
    setPriority(Math.min(before, PRECEDENCE));
  } catch {
    return () => {};
  }
  return () => setPriority(before);
}

export interface StallWatch {
  /** By `performance.now()`, since the last question. */
  stalls(): Span[];
  stop(): void;
}

export function watchStalls(): StallWatch {
  let last = performance.now();
  let found: Span[] = [];
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - last > STALL_MS) found.push({ fromMs: last, untilMs: now });
    last = now;
  }, LOOK_MS);
  timer.unref();
  return {
    stalls() {
      const all = found;
      found = [];
      return all;
    },
    stop: () => clearInterval(timer),
  };
}
