// For what must be written down whatever happens: a full disk or a locked journal delays it, and somebody is told, but
// it is tried until it is done. Permanent errors and an ended module are the only ways out.

import { setTimeout as sleep } from "node:timers/promises";
import type { Conditions } from "../core/conditions.ts";
import { MitschnittError } from "../core/errors.ts";
import type { RecordingLog } from "./recording-log.ts";

export interface Perseverance {
  /** Runs the task until it succeeds. Rejects with a permanent MitschnittError, or when the module is being stopped. */
  until<T>(what: string, task: () => Promise<T>): Promise<T>;
  stop(): void;
}

export interface PerseveranceParts {
  readonly conditions: Conditions;
  readonly log: RecordingLog;
  readonly now: () => Date;
  readonly firstDelayMs?: number;
}

const longestDelayMs = 10_000;
const subject = "journal";
const freeSomeSpace =
  "Free some space on the disk of the data folder and check its rights. Nothing is lost meanwhile; it is tried again every few seconds.";

export function createPerseverance({
  conditions,
  log,
  now,
  firstDelayMs = 100,
}: PerseveranceParts): Perseverance {
  const stopped = new AbortController();
  let failing = 0;

  const begin = (what: string, error: unknown): void => {
    failing++;
    log.warn({ what, error: describe(error) }, "cannot be written, trying again");
    conditions.raise(
      subject,
      {
        code: error instanceof MitschnittError ? error.code : "not-written",
        message: `${what}: ${describe(error)}`,
        hint: error instanceof MitschnittError ? error.hint : freeSomeSpace,
      },
      now(),
    );
  };
  const end = (what: string): void => {
    failing--;
    if (failing > 0) return;
    conditions.clear(subject);
    log.info({ what }, "no longer tried again");
  };

  return {
    async until(what, task) {
      let hasFailed = false;
      try {
        for (let delayMs = firstDelayMs; ; delayMs = Math.min(delayMs * 2, longestDelayMs)) {
          try {
            return await task();
          } catch (error) {
            if (error instanceof MitschnittError && error.permanent) throw error;
            if (!hasFailed) begin(what, error);
            hasFailed = true;
            await sleep(delayMs, undefined, { signal: stopped.signal, ref: false });
          }
        }
      } finally {
        if (hasFailed) end(what);
      }
    },
    stop: () => stopped.abort(),
  };
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
