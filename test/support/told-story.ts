// A call that moved, told in the journal: hold, a consultation that was merged with it, a transfer, a recording that was
// cut off.

import type { TimelineEntry } from "../../src/core/timeline.ts";
import type { JournalDb } from "../../src/journal/journal.ts";
import type { CallsTable, RecordingsTable } from "../../src/journal/tables.ts";
import { addToTimeline } from "../../src/journal/timeline.ts";
import { addCall, addRecording } from "./journal-fixture.ts";

export interface ToldStory {
  readonly call: CallsTable;
  readonly consultation: CallsTable;
  readonly recording: RecordingsTable;
  readonly cutOff: RecordingsTable;
}

/** `name` stands wherever a number of somebody outside the group does. */
export async function addStory(db: JournalDb, startedAt: number, name = "+493012345670"): Promise<ToldStory> {
  const at = (seconds: number): number => startedAt + seconds * 1000;
  const call = await addCall(db, { started_at: startedAt, from_number: name, ended_at: at(240) });
  const consultation = await addCall(db, {
    started_at: at(62),
    answered_at: at(66),
    ended_at: at(81),
    direction: "internal",
    from_number: "10",
    from_name: "",
    to_number: "11",
    outcome: "not-due",
    reason_code: "direction-off",
    reason_params: JSON.stringify({ rule: "Vertrieb", direction: "internal" }),
    tied_to: call.id,
  });
  const recording = await addRecording(db, call, {
    ended_at: at(81),
    duration_ms: 52_000,
    file_name: `1_${call.id}.wav`,
  });
  const cutOff = await addRecording(db, call, {
    started_at: at(81),
    member_extension: "11",
    duration_ms: 120_000,
    cut_off: "stuck",
    file_name: `2_${call.id}.wav`,
  });
  const entry = (
    seconds: number,
    kind: TimelineEntry["kind"],
    params: TimelineEntry["params"] = {},
  ): TimelineEntry => ({ at: new Date(at(seconds)), kind, params });
  await addToTimeline(db, call.id, [
    entry(6, "talk", { member: "10", with: name }),
    entry(6, "recording", { recording: recording.id, offsetMs: 0 }),
    entry(58, "hold", { member: "10", by: "10" }),
    entry(58, "not-recording", { recording: recording.id }),
    entry(81, "merged", { call: consultation.id }),
    entry(81, "left", { member: "10" }),
    entry(81, "talk", { member: "11", with: name }),
    entry(81, "recording", { recording: cutOff.id, offsetMs: 0 }),
    entry(90, "rtp-restarted", { who: name, recording: cutOff.id }),
    entry(120, "parked", { who: name }),
    entry(150, "unparked", { who: name }),
    entry(170, "unobserved"),
    entry(201, "freed", { recording: cutOff.id, cutOff: "stuck" }),
  ]);
  await addToTimeline(db, consultation.id, [
    entry(66, "talk", { member: "10", with: "11" }),
    entry(81, "resume", { member: "11" }),
  ]);
  return { call, consultation, recording, cutOff };
}
