// The module is killed at random moments and started again, and what that excuses: changes that nobody was there to
// notice. What was being recorded goes on, and is not excused.

import { setTimeout as delay } from "node:timers/promises";
import type { AttachedModule } from "../attached-module.ts";
import type { Chance } from "./chance.ts";
import type { Span } from "./spans.ts";

const SHORTEST_RUN_MS = 300;
const LONGEST_RUN_MS = 4_000;
const LONGEST_AWAY_MS = 1_500;
/** From the connection until it has asked what goes on and has begun what is due; 710 on a machine ten times overloaded. */
const RESUME_MS = 1_000;
/** An event that was on its way when the module died. */
const UNREAD_MS = 100;

export interface Killer {
  readonly isAway: boolean;
  /** Ends with the module running; returns when it was away, by `performance.now()`. */
  stop(): Promise<Span[]>;
}

export function killAtRandom(module: AttachedModule, chance: Chance): Killer {
  const away: Span[] = [];
  const abort = new AbortController();
  let isAway = false;
  const run = async (): Promise<void> => {
    for (;;) {
      await pause(chance.between(SHORTEST_RUN_MS, LONGEST_RUN_MS), abort.signal);
      if (abort.signal.aborted) return;
      isAway = true;
      const fromMs = performance.now();
      await module.kill();
      await pause(chance.between(0, LONGEST_AWAY_MS), abort.signal);
      await module.start();
      isAway = false;
      away.push({ fromMs, untilMs: performance.now() });
    }
  };
  const running = run();
  return {
    get isAway() {
      return isAway;
    },
    async stop() {
      abort.abort();
      await running;
      return away;
    },
  };
}

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => {});

/** From a change in an absence on, nothing can be right until the module is back. */
export function excusedBy(away: readonly Span[], changes: readonly Span[]): Span[] {
  return away.flatMap(({ fromMs, untilMs }) => {
    const unseen = changes.filter((change) => change.untilMs > fromMs - UNREAD_MS && change.fromMs < untilMs);
    if (unseen.length === 0) return [];
    const first = Math.min(...unseen.map((change) => change.fromMs));
    return [{ fromMs: Math.max(fromMs, first) - UNREAD_MS, untilMs: untilMs + RESUME_MS }];
  });
}
