// Names at a target. The temporary one is made from ids alone, so that nothing of a call is in it, no two attempts share
// it, and what an earlier attempt left behind can be removed without looking at files of others.

import { transferError } from "./failures.ts";
import type { OutgoingFile } from "./target.ts";

const longestNameBytes = 255;
const idPattern = /^[0-9A-Za-z-]{1,64}$/;

/**
 * The name is one component of a path and of a protocol's line: no separators, no control characters (CR and LF would be
 * a second command), no leading blank or hyphen, not more than the 255 bytes that file systems take.
 */
export function assertSafeName({ name, recordingId }: OutgoingFile): void {
  const safe =
    name !== "." &&
    name !== ".." &&
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    /^[^/\\\u0000-\u001f\u007f\s-][^/\\\u0000-\u001f\u007f]*$/u.test(name);
  if (!safe || !idPattern.test(recordingId))
    throw transferError(
      "name-refused",
      `name: expected one path component without control characters, got ${JSON.stringify(name)}`,
    );
  if (Buffer.byteLength(name) > longestNameBytes)
    throw transferError(
      "name-refused",
      `name: expected at most ${longestNameBytes} bytes, got ${Buffer.byteLength(name)}`,
    );
}

export const partName = (recordingId: string, attempt: number): string =>
  `mitschnitt-${recordingId}-${attempt}.part`;

/** So many earlier attempts are 6 weeks of them at the longest delay. */
const mostPartsRemoved = 200;

/** What killed or cut off attempts of this recording may have left, the latest first. */
export function earlierPartNames(recordingId: string, attempt: number): string[] {
  const names: string[] = [];
  for (let earlier = attempt - 1; earlier >= 1 && names.length < mostPartsRemoved; earlier--)
    names.push(partName(recordingId, earlier));
  return names;
}

/** So many foreign files of one name are not believed: something else is wrong then. */
export const mostNumberedNames = 99;

/** `a.wav`, `a_2.wav`, `a_3.wav` …; shortened in front of the number where it would be too long. */
export function numberedName(name: string, number: number): string {
  if (number === 1) return name;
  const dot = name.lastIndexOf(".");
  const end = dot > 0 ? name.slice(dot) : "";
  const tail = `_${number}${end}`;
  const characters = [...name.slice(0, name.length - end.length)];
  while (Buffer.byteLength(characters.join("") + tail) > longestNameBytes && characters.length > 1)
    characters.pop();
  return characters.join("") + tail;
}
