// Waits for a condition instead of a time: looks every few milliseconds, and fails when the deadline has passed.

import { setTimeout as sleep } from "node:timers/promises";

export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 5000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await sleep(5);
  }
}
