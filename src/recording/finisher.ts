// From a file that Asterisk has closed, or left behind, to a finished recording: header checked, hashed, named, moved
// to spool/transfer, jobs made. Every step can be repeated, so that a crash in between costs nothing.

import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { MitschnittError, SpoolError } from "../core/errors.ts";
import type { RecordingResult } from "../core/outcome.ts";
import { type Reason, reason } from "../core/reason.ts";
import { recordingName } from "../core/recording-name.ts";
import type { JournalDb } from "../journal/journal.ts";
import {
  type FinishedFacts,
  failRecording,
  finishRecording,
  type RecordingOpening,
  reserveName,
} from "../journal/recordings.ts";
import { hashFile, type Spool } from "../spool/spool.ts";
import { readWavFacts, repairWavHeader, type WavFacts, wavHeaderBytes } from "../spool/wav-file.ts";
import type { Perseverance } from "./perseverance.ts";
import type { RecordingLog } from "./recording-log.ts";

/** With a file name, where a former run had reserved one. */
export type FinishableRecording = RecordingOpening & { readonly fileName?: string | null };

export interface Finisher {
  /**
   * Repeats what the disk or the journal refuses until it is done; rejects only when the module is being stopped. Where
   * nobody saw the end, it is taken from the length of the audio.
   */
  finish(recording: FinishableRecording, endedAt: Date | undefined): Promise<RecordingResult>;
  /** There is nothing to finish: the recording could not be made. */
  fail(recording: RecordingOpening, why: Reason, endedAt: Date): Promise<RecordingResult>;
}

export interface FinisherParts {
  readonly db: JournalDb;
  readonly spool: Spool;
  readonly perseverance: Perseverance;
  readonly log: RecordingLog;
  readonly now: () => Date;
  readonly timeZone: () => string;
  readonly targetIds: () => readonly string[];
  readonly onFinished: (recordingId: string) => void;
}

/** Asterisk closes the file at hangup, at the latest a few packets later; after this long it was killed. */
const closingTimeoutMs = 3000;

export function createFinisher(parts: FinisherParts): Finisher {
  const { db, spool, perseverance, log, now } = parts;

  const fail = async (recording: RecordingOpening, why: Reason, endedAt: Date): Promise<RecordingResult> => {
    await perseverance.until("recording failed", () => failRecording(db, recording.id, why, endedAt));
    log.warn({ recordingId: recording.id, reason: why.code }, "recording failed");
    return { state: "failed", reason: why };
  };

  const complete = async (recording: RecordingOpening, fileName: string): Promise<RecordingResult> => {
    await perseverance.until("recording moved", () => spool.moveToTransfer(recording.id, fileName));
    await perseverance.until("recording finished", () =>
      finishRecording(db, recording.id, parts.targetIds(), now()),
    );
    log.info({ recordingId: recording.id }, "recording finished");
    parts.onFinished(recording.id);
    return { state: "finished", ruleName: recording.ruleName };
  };

  const nameOf =
    (recording: RecordingOpening) =>
    (copy: number): string =>
      recordingName({
        startedAt: recording.startedAt,
        timeZone: parts.timeZone(),
        fromNumber: recording.fromNumber,
        toNumber: recording.toNumber,
        copy,
      });

  return {
    fail,
    async finish(recording, endedAt) {
      if (recording.fileName) return complete(recording, recording.fileName);
      const path = spool.openPath(recording.id);
      if ((await spool.sizeOf(path)) === undefined)
        return fail(recording, reason("no-file"), endedAt ?? now());
      const wav = await perseverance.until("recording closed", () => closedFacts(path)).catch(giveUp);
      if (wav === undefined) return fail(recording, reason("no-file"), endedAt ?? now());
      if (wav === "empty" || wav.dataBytes === 0) {
        await spool.removeOpen(recording.id);
        return fail(recording, reason("no-audio"), endedAt ?? now());
      }
      const facts: FinishedFacts = {
        endedAt: endedAt ?? new Date(recording.startedAt.getTime() + wav.durationMs),
        durationMs: wav.durationMs,
        sizeBytes: wavHeaderBytes + wav.dataBytes,
        sha256: await perseverance.until("recording hashed", () => hashFile(path)),
      };
      const fileName = await perseverance.until("recording named", () =>
        reserveName(db, recording.id, facts, nameOf(recording)),
      );
      return complete(recording, fileName);
    },
  };
}

/** A file that is no WAV stays in the open folder for somebody to look at. */
function giveUp(error: unknown): undefined {
  if (error instanceof MitschnittError && error.permanent) return undefined;
  throw error;
}

/**
 * Waits until Asterisk has written the lengths; writes them in its place where it cannot any more. Empty is a file whose
 * header never reached the disk.
 */
async function closedFacts(path: string): Promise<WavFacts | "empty"> {
  const deadline = performance.now() + closingTimeoutMs;
  while (performance.now() < deadline) {
    const facts = await readWavFacts(path).catch(notYetAWav);
    if (facts?.closed) return facts;
    await sleep(50);
  }
  if ((await stat(path)).size < wavHeaderBytes) return "empty";
  await repairWavHeader(path);
  return readWavFacts(path);
}

function notYetAWav(error: unknown): undefined {
  if (error instanceof SpoolError && error.code === "not-a-wav") return undefined;
  throw error;
}
