// A call told as an object, for programs: `mitschnitt explain --json`. Times are ISO 8601 in UTC, lengths milliseconds.

import { timelineText } from "../words/timeline-words.ts";
import type { Words } from "../words/words.ts";
import { outcomeOf } from "./call-lines.ts";
import { recordingNumber, type ToldCall } from "./told-call.ts";

const timeOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());

const factsOf = (call: ToldCall["call"], words: Words) => ({
  id: call.id,
  linkedid: call.linkedid,
  from: call.from_number,
  to: call.to_number,
  direction: call.direction,
  startedAt: timeOf(call.started_at),
  answeredAt: timeOf(call.answered_at),
  endedAt: timeOf(call.ended_at),
  outcome: call.outcome,
  reason: call.reason_code,
  text: outcomeOf(words, call),
});

export function callObject(told: ToldCall, words: Words): object {
  const names = { recording: (id: string) => recordingNumber(told, id), call: (id: string) => id };
  return {
    ...factsOf(told.call, words),
    recordings: told.recordings.map(({ number, row, deliveries }) => ({
      number,
      id: row.id,
      callId: row.call_id,
      member: row.member_extension,
      rule: row.rule_name,
      state: row.state,
      startedAt: timeOf(row.started_at),
      endedAt: timeOf(row.ended_at),
      durationMs: row.duration_ms,
      cutOff: row.cut_off,
      file: row.file_name,
      sha256: row.sha256,
      reason: row.reason_code,
      deliveries: deliveries.map((job) => ({
        target: job.target_id,
        state: job.state,
        name: job.remote_name,
        doneAt: timeOf(job.done_at),
      })),
    })),
    timeline: told.timeline.map((entry) => ({
      at: entry.at.toISOString(),
      callId: entry.callId,
      kind: entry.kind,
      params: entry.params,
      text: timelineText(words, entry, names),
    })),
    tied: told.tied.map((call) => factsOf(call, words)),
  };
}
