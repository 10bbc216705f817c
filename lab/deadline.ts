// Waiting without sleeping: every wait of the lab ends by its condition or by a deadline that names what was awaited.

import { setTimeout as delay } from "node:timers/promises";
import { LabError } from "./lab-error.ts";

export function timeoutError(awaited: string, timeoutMs: number): LabError {
  return new LabError(`${awaited}: not within ${timeoutMs} ms`, {
    code: "lab-timeout",
    hint: "The Asterisk log in the lab's folder (var/log/full) shows what happened instead.",
  });
}

/** Asks until the answer is neither false nor undefined, and returns it. */
export async function waitUntil<T>(
  awaited: string,
  condition: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 25 } = {},
): Promise<Exclude<T, false | undefined>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await condition();
    if (answer !== false && answer !== undefined) return answer as Exclude<T, false | undefined>;
    if (performance.now() > deadline) throw timeoutError(awaited, timeoutMs);
    await delay(intervalMs);
  }
}

export async function withinMs<T>(awaited: string, timeoutMs: number, promise: Promise<T>): Promise<T> {
  const abort = new AbortController();
  const late = delay(timeoutMs, undefined, { signal: abort.signal }).then(() => {
    throw timeoutError(awaited, timeoutMs);
  });
  late.catch(() => {}); // aborted below
  try {
    return await Promise.race([promise, late]);
  } finally {
    abort.abort();
  }
}
