// The life of one job, a recording on its way to one target, in the words that Postfix uses. Pure: the queue asks what
// becomes of a job, the journal writes it down.

import { retryDelayMs } from "./retry-policy.ts";

export type JobState = TransferJob["state"];

/** What a job tells of its last failure. */
export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/** `attempts` counts those that were begun; it names the temporary file, so that no two attempts share one. */
export type TransferJob =
  /** New, not tried yet. */
  | { readonly state: "incoming"; readonly attempts: number }
  /** Being sent. */
  | { readonly state: "active"; readonly attempts: number }
  /** Failed for now, or interrupted: tried again from `nextTryAt` on. */
  | {
      readonly state: "deferred";
      readonly attempts: number;
      readonly nextTryAt: Date;
      readonly lastError: JobError | undefined;
    }
  /** Cannot be delivered as it is: an operator's turn. */
  | { readonly state: "hold"; readonly attempts: number; readonly lastError: JobError }
  /** Verified at the target. */
  | {
      readonly state: "done";
      readonly attempts: number;
      readonly remoteName: string;
      readonly doneAt: Date;
    };

export type ActiveJob = Extract<TransferJob, { state: "active" }>;

/** How an attempt failed, as far as the decision needs it. */
export interface AttemptFailure {
  readonly error: JobError;
  /** Trying this file again without a change cannot help. */
  readonly permanent: boolean;
  /** `target`: every other file would fail as well. */
  readonly concerns: "file" | "target";
  /** Only a person can mend it. */
  readonly slow: boolean;
}

export interface FailureFacts {
  readonly job: ActiveJob;
  readonly failure: AttemptFailure;
  /** Failures of the whole target in a row, this one included; 0 where it is the file's. */
  readonly targetFailures: number;
  readonly now: Date;
  /** From 0 to 1, 1 excluded. */
  readonly random: number;
}

export interface FailureDecision {
  readonly job: Extract<TransferJob, { state: "deferred" | "hold" }> & { readonly lastError: JobError };
  /** Until then nothing is sent to this target, and all its waiting jobs are deferred. */
  readonly targetDownUntil: Date | undefined;
}

export const mostAttemptsInOrder = 30_000;

/**
 * Jobs that are put off together are tried in the order of their attempts, a millisecond each: the next probe of a
 * target is the file that was tried least. A file that is refused for reasons of its own, by a server that words it as a
 * general failure, therefore cannot block the rest.
 */
export const behindFreshJobs = (until: Date, attempts: number): Date =>
  new Date(until.getTime() + Math.min(attempts, mostAttemptsInOrder));

/** A target's failure is never permanent: once it is mended, everything flows again without anybody's help. */
export function decideAfterFailure(facts: FailureFacts): FailureDecision {
  const { job, failure, targetFailures, now, random } = facts;
  const { attempts } = job;
  const lastError = failure.error;
  if (failure.concerns === "target") {
    const delayMs = retryDelayMs({ failures: targetFailures, random, slow: failure.slow });
    const until = new Date(now.getTime() + delayMs);
    const nextTryAt = behindFreshJobs(until, attempts);
    return { job: { state: "deferred", attempts, nextTryAt, lastError }, targetDownUntil: until };
  }
  if (failure.permanent) return { job: { state: "hold", attempts, lastError }, targetDownUntil: undefined };
  const nextTryAt = new Date(
    now.getTime() + retryDelayMs({ failures: attempts, random, slow: failure.slow }),
  );
  return { job: { state: "deferred", attempts, nextTryAt, lastError }, targetDownUntil: undefined };
}
