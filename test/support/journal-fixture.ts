// Rows for a journal, as the recording side would have written them: say what matters, the rest is filled in.

import { randomBytes } from "node:crypto";
import { type Journal, type JournalDb, openJournal } from "../../src/journal/journal.ts";
import type { CallsTable, JobsTable, RecordingsTable } from "../../src/journal/tables.ts";

export const openMemoryJournal = (): Promise<Journal> => openJournal(":memory:");

const newId = (): string => randomBytes(16).toString("hex");
let made = 0;

/** An incoming call of three minutes, recorded, unless said otherwise. */
export async function addCall(db: JournalDb, call: Partial<CallsTable> = {}): Promise<CallsTable> {
  made += 1;
  const startedAt = call.started_at ?? Date.parse("2026-11-20T09:00:00Z") + made * 60_000;
  const row: CallsTable = {
    id: newId(),
    pbx_id: "pbx",
    linkedid: `${Math.floor(startedAt / 1000)}.${made}`,
    started_at: startedAt,
    answered_at: startedAt + 6_000,
    ended_at: startedAt + 186_000,
    direction: "incoming",
    from_number: "+493012345670",
    from_name: "Maier & Söhne",
    to_number: "600",
    member_extension: "10",
    outcome: "recorded",
    reason_code: "by-rule",
    reason_params: JSON.stringify({ rule: "Vertrieb" }),
    tied_to: null,
    ...call,
  };
  await db.insertInto("calls").values(row).execute();
  return row;
}

export async function addRecording(
  db: JournalDb,
  call: CallsTable,
  recording: Partial<RecordingsTable> = {},
): Promise<RecordingsTable> {
  const startedAt = call.answered_at ?? call.started_at;
  const row: RecordingsTable = {
    id: newId(),
    call_id: call.id,
    pbx_id: call.pbx_id,
    rule_id: "group",
    rule_name: "Vertrieb",
    member_extension: call.member_extension ?? "10",
    direction: call.direction ?? "incoming",
    from_number: call.from_number,
    to_number: call.to_number,
    channel_uniqueid: call.linkedid,
    state: "finished",
    started_at: startedAt,
    ended_at: call.ended_at,
    duration_ms: (call.ended_at ?? startedAt) - startedAt,
    size_bytes: 16 * ((call.ended_at ?? startedAt) - startedAt) + 44,
    sha256: "5f".repeat(32),
    file_name: `Aufnahme_${call.id}.wav`,
    reason_code: null,
    reason_params: null,
    cut_off: null,
    ...recording,
  };
  await db.insertInto("recordings").values(row).execute();
  return row;
}

export async function addJob(
  db: JournalDb,
  recording: RecordingsTable,
  job: Partial<JobsTable> = {},
): Promise<JobsTable> {
  const endedAt = recording.ended_at ?? recording.started_at;
  const row: JobsTable = {
    id: newId(),
    recording_id: recording.id,
    target_id: "archive",
    state: "done",
    attempts: 1,
    size_bytes: recording.size_bytes ?? 0,
    created_at: endedAt,
    next_try_at: endedAt,
    error_code: null,
    error_message: null,
    error_hint: null,
    remote_name: recording.file_name,
    done_at: endedAt + 2_000,
    ...job,
  };
  await db.insertInto("jobs").values(row).execute();
  return row;
}
