// What is asked of the cleanup of stuck recordings, and what it answers: to pages, command line and log.

import type { StuckReason } from "./stuck-recordings.ts";

export interface CleanupRequest {
  /** Every recording in progress is ended, stuck or not. */
  readonly force: boolean;
  /** Only says what would be freed. */
  readonly dryRun: boolean;
}

export interface CleanupReport extends CleanupRequest {
  readonly recordings: readonly CleanedRecording[];
  /** Recordings in progress that stay as they are. */
  readonly left: number;
}

export interface CleanedRecording {
  readonly recordingId: string;
  readonly callId: string;
  readonly reason: StuckReason | "forced";
  readonly state: CleanedState;
}

/**
 * found: would be freed · finished: on its way to the targets · failed: there was no audio to keep · ended: its call
 * ended by itself just now · under-way: takes longer than anybody waits for it · left: the PBX did not answer.
 */
export type CleanedState = "found" | "finished" | "failed" | "ended" | "under-way" | "left";
