// One target's lane through the queue: claims due jobs, sends them, writes down what became of them. Each lane knows only
// its own target, so a target that is down or slow holds up no other.

import type { JobError } from "../core/transfer-job.ts";
import { type ClaimedJob, claimDue } from "../journal/jobs.ts";
import type { JournalDb } from "../journal/journal.ts";
import { runAttempt } from "./attempt.ts";
import type { QueueTarget } from "./create-targets.ts";
import { messageOf } from "./failures.ts";
import type { OutgoingFiles } from "./outgoing-files.ts";
import { createSettlement, type Outage } from "./settlement.ts";
import type { Progress, Target } from "./target.ts";

export interface TransferLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface LaneParts {
  readonly targetId: string;
  readonly db: JournalDb;
  readonly files: OutgoingFiles;
  readonly clock: { now(): Date };
  /** From 0 to 1, 1 excluded. */
  readonly random: () => number;
  readonly log: TransferLog;
  readonly stallMs: number;
  readonly graceMs: number;
  onDelivered(recordingId: string): void | Promise<void>;
  onChange(): void;
  onOutage(error: JobError): void;
  onRecovery(): void;
  onHold(): void;
}

export interface JobUnderWay {
  readonly jobId: string;
  readonly recordingId: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly startedAt: Date;
  readonly progress: Progress;
}

export interface Lane {
  /** What the lane works with from now on; incoming jobs up to `newUntil` are taken on. Begins at once. */
  serve(target: QueueTarget, newUntil: Date | undefined): void;
  /** True when the target's settings have changed since it was served last. */
  isAnother(target: QueueTarget): boolean;
  /** Claims nothing any more; what is under way is finished. */
  pause(): void;
  /** Tries a target that is down again, before its time. */
  retry(): void;
  /** Interrupts what is under way and returns when it is written down. */
  stop(): Promise<void>;
  outage(): Outage | undefined;
  underWay(): readonly JobUnderWay[];
  /** Delivered by this lane since it was made. */
  delivered(): number;
}

/** Up to here, and further than any clock goes. */
export const endOfTime = new Date(8.64e15);

export function createLane(parts: LaneParts): Lane {
  const { targetId, db, clock, log } = parts;
  const stopping = new AbortController();
  const underWay = new Map<string, JobUnderWay>();
  const running = new Set<Promise<void>>();
  let serving: { readonly target: QueueTarget; readonly newUntil: Date | undefined } | undefined;
  let lastServed: Target | undefined;
  let prefer: "incoming" | "deferred" = "incoming";
  /** Sends that did not come back when they were aborted. Each keeps its place: the next one would hang as well. */
  let hanging = 0;
  let delivered = 0;
  let pumping = false;
  let pumpAgain = false;

  const settlement = createSettlement({ ...parts, newUntil: () => serving?.newUntil });

  const freePlaces = (): number => {
    if (stopping.signal.aborted || serving === undefined) return 0;
    const outage = settlement.outage();
    if (outage !== undefined && clock.now() < outage.until) return 0;
    // A target that was down is probed by one file.
    const places = outage === undefined ? (serving.target.concurrency ?? 1) : 1;
    return places - underWay.size - hanging;
  };

  /** Begins what is due, as far as there is a place for it. False where there was nothing to begin. */
  const beginDue = async (): Promise<boolean> => {
    const limit = freePlaces();
    if (limit <= 0 || serving === undefined) return false;
    const { target, newUntil } = serving;
    prefer = prefer === "incoming" ? "deferred" : "incoming";
    const claimed = await claimDue(db, { targetId, now: clock.now(), newUntil, prefer, limit });
    for (const each of claimed) begin(each, target);
    return claimed.length > 0;
  };

  const work = async (claimed: ClaimedJob, { target }: QueueTarget): Promise<void> => {
    const { id: jobId, recordingId, job } = claimed;
    const startedAt = clock.now();
    const show = (changed: Partial<JobUnderWay>): void => {
      const before = underWay.get(jobId);
      if (before !== undefined) underWay.set(jobId, { ...before, ...changed });
    };
    const result = await runAttempt({
      target,
      attempt: job.attempts,
      stop: stopping.signal,
      stallMs: parts.stallMs,
      graceMs: parts.graceMs,
      async file() {
        const file = await parts.files(recordingId);
        show({ fileName: file.name, sizeBytes: file.sizeBytes });
        return file;
      },
      onProgress: (progress) => show({ progress }),
      onHanging(end) {
        hanging += 1;
        log.warn({ targetId, jobId }, "an aborted transfer does not come back");
        void end.then(() => {
          hanging -= 1;
          pump();
        });
      },
    });
    if (result.kind === "delivered") delivered += 1;
    await settlement.settle({ claimed, startedAt, result });
  };

  const begin = (claimed: ClaimedJob, target: QueueTarget): void => {
    const { id: jobId, recordingId } = claimed;
    const progress: Progress = { phase: "connect", bytes: 0 };
    underWay.set(jobId, { jobId, recordingId, fileName: "", sizeBytes: 0, startedAt: clock.now(), progress });
    const done = work(claimed, target)
      .catch((error) => log.error({ targetId, jobId, error: messageOf(error) }, "transfer not settled"))
      .finally(() => {
        underWay.delete(jobId);
        running.delete(done);
        parts.onChange();
        pump();
      });
    running.add(done);
    parts.onChange();
  };

  const beginAllDue = async (): Promise<void> => {
    pumpAgain = false;
    await settlement.settleRemaining();
    while (await beginDue()) pumpAgain = false;
  };

  /** Looks for work until there is none, or no place; never twice at the same time. */
  function pump(): void {
    pumpAgain = true;
    if (pumping) return;
    pumping = true;
    const done = beginAllDue()
      .catch((error) => log.error({ targetId, error: messageOf(error) }, "transfer jobs not claimed"))
      .finally(() => {
        pumping = false;
        running.delete(done);
        if (pumpAgain) pump();
      });
    running.add(done);
  }

  const isAnother = ({ target }: QueueTarget): boolean => lastServed !== undefined && lastServed !== target;

  return {
    isAnother,
    serve(target, newUntil) {
      if (isAnother(target)) settlement.endOutage();
      lastServed = target.target;
      serving = { target, newUntil };
      pump();
    },
    pause() {
      serving = undefined;
    },
    retry() {
      settlement.endOutage();
    },
    async stop() {
      stopping.abort();
      while (running.size > 0) await Promise.allSettled(running);
    },
    outage: settlement.outage,
    underWay: () => [...underWay.values()],
    delivered: () => delivered,
  };
}
