// The queue's clockwork: once a minute. In UTC, which has no clock changes: on the wall clock of a zone, node-cron leaves
// out a doubled hour in autumn. What is due on whose wall clock is the business of core/schedule.

import { schedule } from "node-cron";

/** Never runs `tick` while the one before is still going on. Returns what ends it. */
export function everyMinute(tick: () => Promise<void>): () => void {
  const task = schedule("* * * * *", tick, {
    timezone: "UTC",
    noOverlap: true,
    // A machine that slept missed minutes: the next tick catches up what was due, so there is nothing to warn of.
    suppressMissedWarning: true,
  });
  return () => void task.destroy();
}
