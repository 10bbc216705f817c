// "Success" from MixMonitor proves nothing: the file is opened later, in a thread, and a failure is one line in
// Asterisk's log. So each recording's file is looked at: it has to be there soon, and to grow while people talk.

import type { Conditions, Problem } from "../core/conditions.ts";
import type { Spool } from "../spool/spool.ts";

export interface RunningRecording {
  readonly recordingId: string;
  /** Since when Asterisk is said to record, without a pause; by the monotonic clock. */
  readonly sinceMs: number;
}

export interface GrowthWatch {
  /** Looks once at everything that is running; call it every few seconds. */
  check(running: readonly RunningRecording[]): Promise<void>;
  /** For how long the file has not grown, as of now; undefined where it was not looked at while it is written. */
  quietForMs(running: RunningRecording): number | undefined;
}

export interface GrowthWatchParts {
  readonly spool: Pick<Spool, "openPath" | "sizeOf" | "openFolder">;
  readonly conditions: Conditions;
  readonly now: () => Date;
  /** A clock that nobody sets back. */
  readonly monotonicMs?: () => number;
}

interface Sighting {
  /** Undefined while there is no file. */
  readonly size: number | undefined;
  readonly atMs: number;
}

/** Asterisk opens the file within milliseconds. */
const appearsWithinMs = 2000;
/** It grows in steps of 32 KiB, which are 2 s at 8 kHz; a phone without a network sends nothing, so no hurry. */
const growsWithinMs = 15_000;

export function createGrowthWatch({
  spool,
  conditions,
  now,
  monotonicMs = () => performance.now(),
}: GrowthWatchParts): GrowthWatch {
  const seen = new Map<string, Sighting>();

  const look = async ({ recordingId, sinceMs }: RunningRecording): Promise<void> => {
    const subject = subjectOf(recordingId);
    const size = await spool.sizeOf(spool.openPath(recordingId));
    const before = seen.get(recordingId);
    if (before === undefined || size !== before.size) {
      seen.set(recordingId, { size, atMs: monotonicMs() });
      if (size !== undefined) conditions.clear(subject);
      return;
    }
    const quietMs = quietSince(before, sinceMs);
    if (size === undefined && quietMs >= appearsWithinMs)
      conditions.raise(subject, noFile(recordingId), now());
    if (size !== undefined && quietMs >= growsWithinMs)
      conditions.raise(subject, notGrowing(recordingId), now());
  };

  const quietSince = (sighting: Sighting, sinceMs: number): number =>
    monotonicMs() - Math.max(sighting.atMs, sinceMs);

  const noFile = (recordingId: string): Problem => ({
    code: "recording-no-file",
    message: `the PBX says that it records, but there is no file for recording ${shortId(recordingId)}`,
    hint: `Check that Asterisk's account may write in ${spool.openFolder}, and look for "MixMonitor" in Asterisk's log.`,
  });

  return {
    async check(running) {
      const ids = new Set(running.map((recording) => recording.recordingId));
      for (const id of seen.keys()) {
        if (ids.has(id)) continue;
        seen.delete(id);
        conditions.clear(subjectOf(id));
      }
      for (const recording of running) await look(recording);
    },
    quietForMs({ recordingId, sinceMs }) {
      const sighting = seen.get(recordingId);
      return sighting && quietSince(sighting, sinceMs);
    },
  };
}

const subjectOf = (recordingId: string): string => `recording:${recordingId}`;

/** Enough to find it, too little to open it. */
const shortId = (recordingId: string): string => recordingId.slice(0, 8);

const notGrowing = (recordingId: string): Problem => ({
  code: "recording-not-growing",
  message: `recording ${shortId(recordingId)} has not grown for ${growsWithinMs / 1000} s`,
  hint: "Either no audio arrives from both sides, or the disk is full, or the channel is stuck.",
});
