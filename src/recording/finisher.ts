// From a file that Asterisk has closed, or left behind, to a finished recording: header checked, hashed, named, moved
// to spool/transfer, jobs made. Every step can be repeated, so that a crash in between costs nothing.

import { setTimeout as sleep } from "node:timers/promises";
import { MitschnittError, SpoolError } from "../core/errors.ts";
import type { CutOff, RecordingResult } from "../core/outcome.ts";
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
import { hashFile, type Spool, sizeOf } from "../spool/spool.ts";
import { readWavFacts, repairWavHeader, type WavFacts, wavHeaderBytes } from "../spool/wav-file.ts";
import type { Perseverance } from "./perseverance.ts";
import type { RecordingLog } from "./recording-log.ts";

/** With a file name, where a former run had reserved one. */
export type FinishableRecording = RecordingOpening & { readonly fileName?: string | null };

export interface HowItEnded {
  readonly cutOff?: CutOff | undefined;
  /** It went on for so short a time that no audio is no failure. */
  readonly mayBeEmpty?: boolean;
}

export interface Finisher {
  /**
   * Repeats what the disk or the journal refuses until it is done; rejects only when the module is being stopped. Where
   * nobody saw the end, it is taken from the length of the audio.
   */
  finish(
    recording: FinishableRecording,
    endedAt: Date | undefined,
    how?: HowItEnded,
  ): Promise<RecordingResult>;
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
  readonly patience?: Patience;
}

/** How long Asterisk may take; after that it was killed, or never began. */
interface Patience {
  /** It opens the file in a thread of its own, which may be behind the hangup. */
  readonly openingMs: number;
  /** It closes the file at hangup, at the latest a few packets later. */
  readonly closingMs: number;
}

const enoughPatience: Patience = { openingMs: 500, closingMs: 3000 };

export function createFinisher(parts: FinisherParts): Finisher {
  const { db, spool, perseverance, log, now, patience = enoughPatience } = parts;

  const fail = async (recording: RecordingOpening, why: Reason, endedAt: Date): Promise<RecordingResult> => {
    await perseverance.until("recording failed", () => failRecording(db, recording.id, why, endedAt));
    log.warn({ recordingId: recording.id, reason: why.code }, "recording failed");
    return { state: "failed", reason: why };
  };

  const nothing = async (recording: RecordingOpening, endedAt: Date): Promise<RecordingResult> => {
    const why = reason("too-short");
    await perseverance.until("recording ended", () => failRecording(db, recording.id, why, endedAt));
    return { state: "nothing", reason: why };
  };

  const complete = async (
    recording: RecordingOpening,
    fileName: string,
    endedAt: Date | undefined,
  ): Promise<RecordingResult> => {
    const moved = await perseverance
      .until("recording moved", () => spool.moveToTransfer(recording.id, fileName))
      .then(() => true, giveUp);
    if (moved === undefined) return fail(recording, reason("no-file"), endedAt ?? now());
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
    async finish(recording, endedAt, { cutOff, mayBeEmpty = false } = {}) {
      if (recording.fileName) return complete(recording, recording.fileName, endedAt);
      const path = spool.openPath(recording.id);
      const wav = await perseverance
        .until("recording closed", () => closedFacts(path, patience))
        .catch(giveUp);
      if (wav === "missing" && mayBeEmpty) return nothing(recording, endedAt ?? now());
      if (wav === undefined || wav === "missing") return fail(recording, reason("no-file"), endedAt ?? now());
      if (wav === "empty" || wav.dataBytes === 0) {
        await perseverance.until("empty recording removed", () => spool.removeOpen(recording.id));
        if (mayBeEmpty) return nothing(recording, endedAt ?? now());
        return fail(recording, reason("no-audio"), endedAt ?? now());
      }
      const facts: FinishedFacts = {
        endedAt: endedAt ?? new Date(recording.startedAt.getTime() + wav.durationMs),
        durationMs: wav.durationMs,
        sizeBytes: wavHeaderBytes + wav.dataBytes,
        sha256: await perseverance.until("recording hashed", () => hashFile(path)),
        cutOff: cutOff ?? (wav.wasLeftOpen ? "pbx-gone" : undefined),
      };
      const fileName = await perseverance.until("recording named", () =>
        reserveName(db, recording.id, facts, nameOf(recording)),
      );
      return complete(recording, fileName, endedAt);
    },
  };
}

/** What no repetition can mend: a file that is no WAV, which stays in the open folder for somebody to look at; none. */
function giveUp(error: unknown): undefined {
  if (error instanceof MitschnittError && error.permanent) return undefined;
  throw error;
}

interface EndedFile extends WavFacts {
  /** Asterisk did not close it: it was killed, and with it what it had not written yet. */
  readonly wasLeftOpen: boolean;
}

/**
 * Waits until Asterisk has written the lengths; writes them in its place where it cannot any more. Empty is a file whose
 * header never reached the disk.
 */
async function closedFacts(path: string, patience: Patience): Promise<EndedFile | "empty" | "missing"> {
  const since = performance.now();
  for (;;) {
    const size = await sizeOf(path);
    const facts = size === undefined ? undefined : await readWavFacts(path).catch(notYetAWav);
    if (facts?.closed) return { ...facts, wasLeftOpen: false };
    const waitedMs = performance.now() - since;
    if (size === undefined && waitedMs >= patience.openingMs) return "missing";
    if (waitedMs >= patience.closingMs) break;
    await sleep(50);
  }
  if (((await sizeOf(path)) ?? 0) < wavHeaderBytes) return "empty";
  await repairWavHeader(path);
  return { ...(await readWavFacts(path)), wasLeftOpen: true };
}

function notYetAWav(error: unknown): undefined {
  if (error instanceof SpoolError && error.code === "not-a-wav") return undefined;
  throw error;
}
