// A call told in lines, as the command line prints it: facts, the one outcome, recordings, timeline, and the calls that
// it was merged with.

import { createFormats, type Formats, formatDuration } from "../words/formats.ts";
import { outcomeText, reasonText, storedReason } from "../words/reason-words.ts";
import { cutOffText, timelineText } from "../words/timeline-words.ts";
import { createWords, type Language, type Words } from "../words/words.ts";
import { recordingNumber, type ToldCall, type ToldRecording } from "./told-call.ts";

export interface TellingStyle {
  readonly language: Language;
  readonly timeZone: string;
  /** As targets are called now; one that was removed keeps its id. */
  readonly targetName: (id: string) => string;
}

type CallRow = ToldCall["call"];

/** Lines of plain text; what comes from the call is in them as it came. */
export function callLines(told: ToldCall, style: TellingStyle): readonly string[] {
  const words = createWords(style.language);
  const formats = createFormats(style.language, style.timeZone);
  const { call, recordings, tied } = told;
  const unknown = words("app.unknown");
  const time = (key: string, ms: number | null): string[] =>
    ms === null ? [] : [words(key, { time: formats.dateTime(ms) })];
  return [
    words("explain.call", { from: call.from_number || unknown, to: call.to_number || unknown }),
    words("explain.direction", { direction: words(`direction.${call.direction ?? "unknown"}`) }),
    ...time("explain.began", call.started_at),
    ...time("explain.answered", call.answered_at),
    ...time("explain.ended", call.ended_at),
    words("explain.outcome", { outcome: outcomeOf(words, call) }),
    words("explain.ids", { id: call.id, linkedid: call.linkedid }),
    "",
    ...(recordings.length === 0 ? [words("explain.no-recording")] : []),
    ...recordings.flatMap((recording) => recordingLines(recording, words, formats, style)),
    ...section(words("explain.timeline"), timelineLines(told, words, formats)),
    ...section(
      words("explain.tied"),
      tied.map((other) => tiedLine(other, words, formats)),
    ),
  ];
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];

export function outcomeOf(
  words: Words,
  call: Pick<CallRow, "outcome" | "reason_code" | "reason_params">,
): string {
  if (call.outcome === null) return words("outcome.open");
  return outcomeText(words, call.outcome, storedReason(call.reason_code, call.reason_params));
}

function recordingLines(
  { number, row, deliveries }: ToldRecording,
  words: Words,
  formats: Formats,
  { targetName }: TellingStyle,
): readonly string[] {
  const facts = {
    number,
    member: row.member_extension,
    rule: words("reason.by-rule", { rule: row.rule_name }),
    from: formats.dateTime(row.started_at),
  };
  const why = storedReason(row.reason_code, row.reason_params);
  const state = words(`recording.${row.state}`);
  return [
    row.ended_at === null
      ? words("explain.recording-open", facts)
      : words("explain.recording", { ...facts, to: formats.time(row.ended_at) }),
    `  ${why === undefined ? state : words("explain.state", { state, reason: reasonText(words, why) })}`,
    ...(row.cut_off === null
      ? []
      : [`  ${words("explain.cut-off", { cutOff: cutOffText(words, row.cut_off) })}`]),
    ...(row.file_name === null
      ? []
      : [
          `  ${words("explain.file", { file: row.file_name, length: formatDuration(row.duration_ms ?? 0) })}`,
        ]),
    ...deliveries.map((job) => {
      const named = { target: targetName(job.target_id), state: words(`job.${job.state}`) };
      return job.state === "done" && job.done_at !== null
        ? `  ${words("explain.delivered", { ...named, time: formats.dateTime(job.done_at) })}`
        : `  ${words("explain.delivery", named)}`;
    }),
  ];
}

function timelineLines(told: ToldCall, words: Words, formats: Formats): readonly string[] {
  const [first = told.call] = [...told.tied, told.call].sort((a, b) => a.started_at - b.started_at);
  const names = {
    recording: (id: string) => recordingNumber(told, id),
    call: (id: string) => id.slice(0, 8),
  };
  return told.timeline.map((entry) => {
    const at = entry.at.getTime();
    const since = formatDuration(at - first.started_at);
    return `${formats.time(at)}  ${since.padStart(7)}  ${timelineText(words, entry, names)}`;
  });
}

const tiedLine = (call: CallRow, words: Words, formats: Formats): string =>
  words("explain.tied-call", {
    time: formats.dateTime(call.started_at),
    from: call.from_number || words("app.unknown"),
    to: call.to_number || words("app.unknown"),
    outcome: outcomeOf(words, call),
    id: call.id.slice(0, 8),
  });
