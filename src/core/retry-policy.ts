// How long the queue waits after a failure: growing, so that a target that is down for the weekend is not hammered,
// capped, so that it is noticed within hours when it is back, and spread, so that many PBXes do not knock at once.

const firstDelayMs = 60_000;
const longestDelayMs = 6 * 3_600_000;
/** What only a person can mend, a refused login above all: many servers lock an account after a few tries. */
const shortestSlowDelayMs = 30 * 60_000;
const jitter = 0.2;

export interface RetryDelay {
  /** Attempts that have failed in a row, at least 1. */
  readonly failures: number;
  /** From 0 to 1, 1 excluded. */
  readonly random: number;
  /** True where each try costs something or cannot help before somebody has acted: never sooner than 30 minutes. */
  readonly slow?: boolean;
}

/** One minute, doubled with each failure up to six hours, less or more a fifth. */
export function retryDelayMs({ failures, random, slow = false }: RetryDelay): number {
  const doublings = Math.min(Math.max(failures, 1) - 1, 16);
  const grownMs = Math.min(longestDelayMs, firstDelayMs * 2 ** doublings);
  const delayMs = slow ? Math.max(grownMs, shortestSlowDelayMs) : grownMs;
  return Math.round(delayMs * (1 - jitter + 2 * jitter * random));
}

/** No job is ever deferred further than this: a later date in the journal means that the clock was set back. */
export const farthestRetryMs = Math.ceil(longestDelayMs * (1 + jitter));
