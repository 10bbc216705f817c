// A warning that may come up thousands of times a second and must not fill the disk: the first one is written, then
// at most one a period, with the number of those that were left out.
import type { Clock } from "./clock.ts";

/** The part of pino's logger that the PBX side needs. */
export interface PbxLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface BoundedWarningOptions {
  readonly log: PbxLog;
  readonly clock: Clock;
  readonly message: string;
  /** At most one line in this time. */
  readonly periodMs?: number;
}

export function createBoundedWarning({ log, clock, message, periodMs = 60_000 }: BoundedWarningOptions) {
  let quietUntilMs = 0;
  let suppressed = 0;

  return (fields: object): void => {
    const nowMs = clock.now().getTime();
    if (nowMs < quietUntilMs) {
      suppressed += 1;
      return;
    }
    log.warn(suppressed === 0 ? fields : { ...fields, suppressed }, message);
    quietUntilMs = nowMs + periodMs;
    suppressed = 0;
  };
}
