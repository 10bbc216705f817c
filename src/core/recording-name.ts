// The name under which a recording leaves: `Aufnahme_[DATUM]_[UHRZEIT]_[VON]_[NACH].wav`. Date and time sort, numbers
// keep only what no file system, share or shell minds. Names of people never go into it.

import { wallText } from "./wall-clock.ts";

/** As long as the longest number that E.164, extensions and feature codes can make, and then some. */
const longestNumber = 32;

export interface RecordingNameFacts {
  readonly startedAt: Date;
  readonly timeZone: string;
  readonly fromNumber: string;
  readonly toNumber: string;
  /** 1 for the plain name, 2 and more for a name that is taken: `…_2.wav`. */
  readonly copy: number;
}

export function recordingName({
  startedAt,
  timeZone,
  fromNumber,
  toNumber,
  copy,
}: RecordingNameFacts): string {
  const [date = "", time = ""] = wallText(startedAt, timeZone).replaceAll(":", "-").split("T");
  const number = copy > 1 ? `_${copy}` : "";
  return `Aufnahme_${date}_${time}_${harmless(fromNumber)}_${harmless(toNumber)}${number}.wav`;
}

/** Letters, digits and `+` stay; a `*` or `#` that was dialled is not allowed in names on Windows shares. */
function harmless(number: string): string {
  return number.replace(/[^0-9A-Za-z+]/g, "").slice(0, longestNumber) || "anonym";
}
