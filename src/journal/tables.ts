// The journal's tables as Kysely sees them. Times are milliseconds since 1970 (UTC), lengths are milliseconds and
// bytes, ids are 128 random bits in hex unless said otherwise. Each row that may one day be shipped to a shared
// archive carries the PBX's id.

import type { Generated } from "kysely";
import type { CutOff, OutcomeKind } from "../core/outcome.ts";
import type { Direction } from "../core/rule.ts";
import type { TimelineKind } from "../core/timeline.ts";
import type { JobState } from "../core/transfer-job.ts";

/** One row for each call that the PBX had, by linkedid. `outcome` is null while the call goes on. */
export interface CallsTable {
  id: string;
  pbx_id: string;
  linkedid: string;
  started_at: number;
  /** When a member of a group and somebody else were first connected. */
  answered_at: number | null;
  ended_at: number | null;
  direction: Direction | null;
  from_number: string;
  from_name: string;
  /** What was dialled. */
  to_number: string;
  /** Extension of the first member who talked. */
  member_extension: string | null;
  outcome: OutcomeKind | null;
  reason_code: string | null;
  /** JSON object of strings and numbers that complete the reason's sentence. */
  reason_params: string | null;
  /** The older call with which a transfer merged this one: together they are one story. */
  tied_to: string | null;
}

/** Which call each of the PBX's channels belonged to: what CDRs are compared by. Written when a channel is first seen. */
export interface CallChannelsTable {
  pbx_id: string;
  uniqueid: string;
  call_id: string;
  /** As it was called first: `PJSIP/alice-00000001`. */
  name: string;
}

/** What happened in a call, in order: who talked with whom, hold, park, transfers, parts of recordings. */
export interface TimelineTable {
  id: Generated<number>;
  call_id: string;
  at: number;
  kind: TimelineKind;
  /** JSON object of strings and numbers that complete the entry's sentence. */
  params: string;
}

/**
 * open: Asterisk writes it · finishing: its final name is reserved · finished: in spool/transfer, jobs made ·
 * failed: there is no file worth keeping.
 */
export type RecordingState = "open" | "finishing" | "finished" | "failed";

/** One row for each conversation that was (to be) recorded, written before MixMonitor is started. */
export interface RecordingsTable {
  id: string;
  call_id: string;
  pbx_id: string;
  rule_id: string;
  /** As it was called then; rules are renamed and removed. */
  rule_name: string;
  member_extension: string;
  direction: Direction;
  from_number: string;
  to_number: string;
  /** Uniqueid of the channel that MixMonitor sits on; its name may change, this does not. */
  channel_uniqueid: string;
  state: RecordingState;
  started_at: number;
  ended_at: number | null;
  duration_ms: number | null;
  size_bytes: number | null;
  sha256: string | null;
  /** Unique. Null until the recording is finishing. */
  file_name: string | null;
  reason_code: string | null;
  reason_params: string | null;
  /** Why it ends before its conversation did; null where it does not. */
  cut_off: CutOff | null;
}

/** One row for each recording and target. */
export interface JobsTable {
  id: string;
  recording_id: string;
  target_id: string;
  state: JobState;
  /** Attempts that were begun; the number is part of the temporary file's name. */
  attempts: number;
  /** The recording's, so that what waits can be summed up from an index alone. */
  size_bytes: number;
  created_at: number;
  /** While incoming: when it was created. */
  next_try_at: number;
  error_code: string | null;
  error_message: string | null;
  error_hint: string | null;
  /** Under which name the target has it. */
  remote_name: string | null;
  done_at: number | null;
}

/** When a target's schedule last ran, so that a run that was slept through is caught up. */
export interface TargetRunsTable {
  target_id: string;
  /** When the queue first saw the target: a daily run that was due before is not missed. */
  watched_since: number;
  /** Incoming jobs up to this time are taken on. Null before the first run. */
  last_run_at: number | null;
}

export interface UsersTable {
  id: string;
  name: string;
  /** `scrypt$N$r$p$salt$hash`, base64url. */
  password_hash: string;
  role: "admin";
  created_at: number;
}

export interface SessionsTable {
  /** SHA-256 of the cookie's value: a stolen journal opens no session. */
  id_hash: string;
  data: string;
  expires_at: number;
}

/** Every settings that were ever in force; the newest is the fallback when the file is broken. */
export interface SettingsVersionsTable {
  id: Generated<number>;
  at: number;
  changed_by: string;
  settings: string;
}

export interface Tables {
  calls: CallsTable;
  call_channels: CallChannelsTable;
  timeline: TimelineTable;
  recordings: RecordingsTable;
  jobs: JobsTable;
  target_runs: TargetRunsTable;
  users: UsersTable;
  sessions: SessionsTable;
  settings_versions: SettingsVersionsTable;
}
