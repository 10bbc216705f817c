// A clock that the test turns: timers run in their order when it is advanced, and nothing waits for real.
import type { Clock } from "../../src/pbx/clock.ts";

export interface ManualClock extends Clock {
  advance(ms: number): void;
  /** Lets time pass without running timers, as a suspended process experiences it. */
  skip(ms: number): void;
  /** Delays from now until each pending timer, the nearest first. */
  pending(): number[];
}

export function createManualClock(start = new Date("2026-03-01T12:00:00Z")): ManualClock {
  let nowMs = start.getTime();
  const timers = new Set<{ atMs: number; task: () => void }>();
  const inOrder = () => [...timers].sort((a, b) => a.atMs - b.atMs);

  return {
    now: () => new Date(nowMs),
    after: (delayMs, task) => {
      const timer = { atMs: nowMs + delayMs, task };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (ms) => {
      const untilMs = nowMs + ms;
      for (let next = inOrder()[0]; next !== undefined && next.atMs <= untilMs; next = inOrder()[0]) {
        timers.delete(next);
        nowMs = Math.max(nowMs, next.atMs);
        next.task();
      }
      nowMs = untilMs;
    },
    skip: (ms) => {
      nowMs += ms;
    },
    pending: () => inOrder().map((timer) => timer.atMs - nowMs),
  };
}
