// Ends recordings that no live call owns, or all of them by force. The PBX is asked what it has, and what looks stuck is
// looked at twice, so that a call that ends or moves just now keeps its own end. What is freed is finished as any other.

import { setTimeout as sleep } from "node:timers/promises";
import type { CleanedRecording, CleanedState, CleanupReport, CleanupRequest } from "../core/cleanup.ts";
import type { CutOff } from "../core/outcome.ts";
import { type RecordingInProgress, type StuckRecording, stuckRecordings } from "../core/stuck-recordings.ts";
import type { JournalDb } from "../journal/journal.ts";
import { addToTimeline } from "../journal/timeline.ts";
import type { AmiActions } from "../pbx/ami-actions.ts";
import type { DiskWatch } from "./disk-watch.ts";
import type { GrowthWatch } from "./growth-watch.ts";
import type { Perseverance } from "./perseverance.ts";
import type { Recorder } from "./recorder.ts";
import type { RecordingLog } from "./recording-log.ts";

export interface Cleanup {
  /** One at a time. Throws a PbxError where the PBX does not tell which channels it has; then nothing was done. */
  run(request: CleanupRequest): Promise<CleanupReport>;
}

export interface CleanupParts {
  readonly db: JournalDb;
  readonly actions: Pick<AmiActions, "coreShowChannels">;
  readonly recorder: Pick<Recorder, "survey" | "free">;
  readonly growthWatch: Pick<GrowthWatch, "quietForMs">;
  readonly diskWatch: Pick<DiskWatch, "reasonNotToBegin">;
  readonly perseverance: Perseverance;
  readonly log: RecordingLog;
  readonly now: () => Date;
  readonly stuckAfterMs: () => number;
  readonly monotonicMs?: () => number;
  readonly lookAgainAfterMs?: number;
  readonly answerWithinMs?: number;
}

/** Longer than a hangup takes to be told, and than the 2 s of audio in which a file grows by one step. */
const lookAgainMs = 3000;
/** Stopping, closing, hashing: a second as a rule. Whatever takes longer goes on without anybody waiting. */
const longestAnswerMs = 20_000;
const freedAtOnce = 8;

export function createCleanup(parts: CleanupParts): Cleanup {
  const { db, actions, recorder, growthWatch, diskWatch, perseverance, log, now, stuckAfterMs } = parts;
  const {
    monotonicMs = () => performance.now(),
    lookAgainAfterMs = lookAgainMs,
    answerWithinMs = longestAnswerMs,
  } = parts;
  let busy: Promise<unknown> = Promise.resolve();

  const inProgress = (): readonly RecordingInProgress[] =>
    recorder.survey().flatMap((seen) => {
      const { recordingId, callId, channelUniqueid, capture, lonelySinceMs } = seen;
      if (callId === undefined) return [];
      const lonelyForMs = lonelySinceMs === undefined ? undefined : monotonicMs() - lonelySinceMs;
      const quietForMs =
        capture.state === "running"
          ? growthWatch.quietForMs({ recordingId, sinceMs: capture.sinceMs })
          : undefined;
      return [{ recordingId, callId, channelUniqueid, lonelyForMs, quietForMs }];
    });

  const look = async (): Promise<readonly StuckRecording[]> => {
    // In this order: a call that begins meanwhile is in neither, one that ends meanwhile has left the recorder's hands.
    const recordings = inProgress();
    const channels = await actions.coreShowChannels();
    const diskFull = diskWatch.reasonNotToBegin() !== undefined;
    return stuckRecordings({ recordings, channels, stuckAfterMs: stuckAfterMs(), diskFull });
  };

  const lookTwice = async (): Promise<readonly StuckRecording[]> => {
    const first = await look();
    if (first.length === 0) return first;
    await sleep(lookAgainAfterMs);
    const second = new Map((await look()).map((stuck) => [stuck.recordingId, stuck.reason]));
    return first.filter(({ recordingId, reason }) => second.get(recordingId) === reason);
  };

  const wanted = async ({
    force,
    dryRun,
  }: CleanupRequest): Promise<readonly Omit<CleanedRecording, "state">[]> => {
    const stuck = await (dryRun ? look() : lookTwice());
    if (!force) return stuck;
    const known = new Set(stuck.map(({ recordingId }) => recordingId));
    const others = inProgress().filter(({ recordingId }) => !known.has(recordingId));
    return [
      ...stuck,
      ...others.map(({ recordingId, callId }) => ({ recordingId, callId, reason: "forced" as const })),
    ];
  };

  const free = async ({
    recordingId,
    callId,
    reason,
  }: Omit<CleanedRecording, "state">): Promise<CleanedState> => {
    const cutOff: CutOff = reason === "forced" ? "forced" : "stuck";
    try {
      const at = now();
      const result = await recorder.free(recordingId, at, cutOff);
      if (result === undefined) return "ended";
      log.warn({ recordingId, callId, reason, cutOff, state: result.state }, "recording freed");
      const entry = { at, kind: "freed", params: { recording: recordingId, cutOff } } as const;
      await perseverance.until("freed recording noted", () => addToTimeline(db, callId, [entry]));
      return result.state === "finished" ? "finished" : "failed";
    } catch (error) {
      log.warn({ recordingId, reason, error: String(error) }, "recording could not be freed");
      return "left";
    }
  };

  const freeAll = async (
    recordings: readonly Omit<CleanedRecording, "state">[],
  ): Promise<readonly CleanedRecording[]> => {
    const states = new Map<string, CleanedState>();
    const work = async (): Promise<void> => {
      for (let from = 0; from < recordings.length; from += freedAtOnce)
        await Promise.all(
          recordings.slice(from, from + freedAtOnce).map(async (recording) => {
            states.set(recording.recordingId, await free(recording));
          }),
        );
    };
    await within(answerWithinMs, work());
    return recordings.map((recording) => ({
      ...recording,
      state: states.get(recording.recordingId) ?? "under-way",
    }));
  };

  const runOnce = async (request: CleanupRequest): Promise<CleanupReport> => {
    const found = await wanted(request);
    const recordings = request.dryRun
      ? found.map((recording) => ({ ...recording, state: "found" as const }))
      : await freeAll(found);
    const named = new Set(found.map(({ recordingId }) => recordingId));
    const left = inProgress().filter(({ recordingId }) => !named.has(recordingId)).length;
    return { ...request, recordings, left };
  };

  return {
    run(request) {
      const report = busy.then(() => runOnce(request));
      busy = report.catch(() => undefined);
      return report;
    },
  };
}

/** Waits for the work, but no longer than that; it goes on. */
async function within(longestMs: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, longestMs);
    timer.unref();
  });
  await Promise.race([work, enough]);
  clearTimeout(timer);
}
