// Whether everything that bench:load placed was recorded whole: a measurement of somebody who lost calls is worthless.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Office } from "../lab/office.ts";
import { findTone, heardMs } from "../lab/sound/tone.ts";
import { monoOf, readWav } from "../lab/sound/wav.ts";
import { calledHz, callerHzOf, callerTones } from "./crowd.ts";

/** Of the recording's length; both begin to speak at the answer, and a tone file has a seam once a minute. */
const leastShare = 0.97;
/** Where a tone begins, ends or stutters, it has a touch of every other in it; somebody who speaks is heard for longer. */
const speaksMs = 500;

export async function checkDelivered(office: Office, calls: number): Promise<void> {
  const lost = office.calls().filter((call) => call.outcome !== "recorded");
  if (office.calls().length !== calls || lost.length > 0)
    throw new Error(`${office.calls().length} of ${calls} calls known, ${lost.length} of them not recorded`);
  const recordings = office.recordings();
  if (recordings.length !== calls) throw new Error(`${recordings.length} recordings of ${calls} calls`);
  for (const { file_name, from_number } of recordings)
    await checkVoices(join(office.archiveFolder, file_name ?? "missing"), [
      calledHz,
      callerHzOf(from_number),
    ]);
}

export async function checkReferences(folder: string, calls: number): Promise<void> {
  const files = (await readdir(folder)).filter((name) => name.startsWith("ref-"));
  if (files.length !== calls) throw new Error(`${files.length} files of the dialplan for ${calls} calls`);
  // Their names do not tell who called.
  for (const file of files) await checkVoices(join(folder, file), [calledHz]);
}

async function checkVoices(file: string, tonesHz: readonly number[]): Promise<void> {
  const sound = await readWav(file);
  for (const hz of tonesHz) {
    const share = heardMs(monoOf(sound), hz) / sound.durationMs;
    if (share < leastShare)
      throw new Error(
        `${file}: ${hz} Hz is heard in ${(100 * share).toFixed(1)} % of ${sound.durationMs} ms`,
      );
  }
  if (tonesHz.length === 1) return;
  const speaks = (hz: number): boolean =>
    findTone(monoOf(sound), hz).some(({ startMs, endMs }) => endMs - startMs >= speaksMs);
  const strangerHz = callerTones.find((hz) => !tonesHz.includes(hz) && speaks(hz));
  if (strangerHz !== undefined) throw new Error(`${file}: ${strangerHz} Hz, somebody else's, is heard in it`);
}
