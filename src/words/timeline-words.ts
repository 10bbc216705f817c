// The entries of a timeline as sentences. What they name (numbers, mostly) comes from calls: the sentence is plain text,
// which pages escape and the command line cleans.

import type { TimelineEntry } from "../core/timeline.ts";
import { formatDuration } from "./formats.ts";
import type { Words } from "./words.ts";

export interface TimelineNames {
  /** How a recording is called where the sentence stands: `1` for the first of the call. */
  recording(id: string): string;
  call(id: string): string;
}

/** A kind without words, of another version, is shown as it is. */
export function timelineText(
  words: Words,
  { kind, params }: Pick<TimelineEntry, "params"> & { readonly kind: string },
  names: TimelineNames,
): string {
  if (!words.has(`timeline.${kind}`)) return kind;
  const named: Record<string, string | number> = { ...params };
  if (params.recording !== undefined) named.recording = names.recording(String(params.recording));
  if (params.call !== undefined) named.call = names.call(String(params.call));
  if (params.cutOff !== undefined) named.cutOff = cutOffText(words, String(params.cutOff));
  if (params.offsetMs !== undefined) named.offset = formatDuration(Number(params.offsetMs));
  return words(`timeline.${kind}`, named);
}

export function cutOffText(words: Words, cutOff: string): string {
  const key = `cut-off.${cutOff}`;
  return words.has(key) ? words(key) : cutOff;
}
