// Writes down what became of an attempt, and keeps account of whether the target as a whole is down. What cannot be
// written (the journal's disk is full) is kept and written later; a restart before that means one more attempt, which
// finds its own delivery.

import { type AttemptFailure, decideAfterFailure } from "../core/transfer-job.ts";
import {
  type ClaimedJob,
  deferAll,
  markDeferred,
  markDone,
  markHeld,
  markInterrupted,
  retryNow,
} from "../journal/jobs.ts";
import type { AttemptResult } from "./attempt.ts";
import { failureOf, messageOf } from "./failures.ts";
import type { LaneParts } from "./lane.ts";
import type { Delivery } from "./target.ts";

export interface Outage {
  readonly since: Date;
  /** When it was last confirmed. */
  readonly confirmedAt: Date;
  /** Nothing is sent before. */
  readonly until: Date;
}

export interface EndedAttempt {
  readonly claimed: ClaimedJob;
  readonly startedAt: Date;
  readonly result: AttemptResult;
}

export interface Settlement {
  settle(ended: EndedAttempt): Promise<void>;
  /** Tries again what could not be written down. */
  settleRemaining(): Promise<void>;
  outage(): Outage | undefined;
  /** Somebody has changed something: the target counts as well until it fails again. */
  endOutage(): void;
}

export interface SettlementParts extends LaneParts {
  newUntil(): Date | undefined;
}

export function createSettlement(parts: SettlementParts): Settlement {
  const { targetId, db, clock, random, log } = parts;
  let outage: Outage | undefined;
  /** Failures of the target in a row. */
  let targetFailures = 0;
  /** The first delivery after an outage, or since the start, brings forward what waits for a later try. */
  let knownToWork = false;
  let remaining: (() => Promise<void>)[] = [];

  const onDelivered = async ({ claimed, startedAt }: EndedAttempt, delivery: Delivery): Promise<void> => {
    const now = clock.now();
    await markDone(db, claimed.id, delivery.remoteName, now);
    const { id: jobId, recordingId } = claimed;
    const tookMs = now.getTime() - startedAt.getTime();
    log.info({ targetId, jobId, recordingId, verifiedBy: delivery.verifiedBy, tookMs }, "delivered");
    parts.onRecovery();
    targetFailures = 0;
    outage = undefined;
    if (!knownToWork) await retryNow(db, { targetId }, now);
    knownToWork = true;
    await tellDelivered(recordingId);
  };

  const tellDelivered = async (recordingId: string): Promise<void> => {
    try {
      await parts.onDelivered(recordingId);
    } catch (error) {
      log.error({ targetId, recordingId, error: messageOf(error) }, "what follows a delivery failed");
    }
  };

  const onTargetFailure = async (
    { claimed, startedAt }: EndedAttempt,
    failure: AttemptFailure,
  ): Promise<void> => {
    const now = clock.now();
    // Several files that were under way when the target went down have found out one thing, not several.
    const isNews = outage === undefined || startedAt > outage.confirmedAt;
    if (isNews) targetFailures += 1;
    knownToWork = false;
    const decision = decideAfterFailure({ job: claimed.job, failure, targetFailures, now, random: random() });
    const until = decision.targetDownUntil ?? now;
    if (isNews) {
      outage = { since: outage?.since ?? now, confirmedAt: now, until };
      parts.onOutage(failure.error);
    }
    await writeDecision(claimed, decision.job);
    if (isNews) await deferAll(db, { targetId, newUntil: parts.newUntil(), until, error: failure.error });
  };

  const onFileFailure = async ({ claimed }: EndedAttempt, failure: AttemptFailure): Promise<void> => {
    const { id: jobId, recordingId, job } = claimed;
    const decision = decideAfterFailure({
      job,
      failure,
      targetFailures: 0,
      now: clock.now(),
      random: random(),
    });
    log.warn(
      { targetId, jobId, recordingId, attempt: job.attempts, ...failure.error },
      decision.job.state === "hold" ? "transfer held" : "transfer deferred",
    );
    await writeDecision(claimed, decision.job);
    if (decision.job.state === "hold") parts.onHold();
  };

  const writeDecision = async (
    { id }: ClaimedJob,
    decided: ReturnType<typeof decideAfterFailure>["job"],
  ): Promise<void> => {
    if (decided.state === "hold") await markHeld(db, id, decided.lastError);
    else await markDeferred(db, id, decided.nextTryAt, decided.lastError);
  };

  const write = async (ended: EndedAttempt): Promise<void> => {
    const { result, claimed } = ended;
    if (result.kind === "delivered") return onDelivered(ended, result.delivery);
    if (result.kind === "interrupted") return markInterrupted(db, claimed.id, clock.now());
    const failure = failureOf(result.error);
    if (failure.error.code === "unexpected")
      log.error({ targetId, jobId: claimed.id, error: result.error }, "unexpected failure of a transfer");
    return failure.concerns === "target" ? onTargetFailure(ended, failure) : onFileFailure(ended, failure);
  };

  return {
    async settle(ended) {
      try {
        await write(ended);
      } catch (error) {
        log.error(
          { targetId, jobId: ended.claimed.id, error: messageOf(error) },
          "the result of a transfer could not be written down, it is kept and tried again",
        );
        remaining.push(() => write(ended));
      }
    },
    async settleRemaining() {
      const todo = remaining;
      remaining = [];
      for (const [index, settle] of todo.entries()) {
        try {
          await settle();
        } catch (error) {
          remaining.push(...todo.slice(index));
          throw error;
        }
      }
    },
    outage: () => outage,
    endOutage() {
      outage = undefined;
      targetFailures = 0;
    },
  };
}
