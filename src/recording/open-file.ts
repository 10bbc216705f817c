// A look at a file in spool/open between two parts of a recording: whether Asterisk has closed it, how much is in it.

import { setTimeout as sleep } from "node:timers/promises";
import { readWavFacts, type WavFacts } from "../spool/wav-file.ts";

const lookEveryMs = 10;
/** It closes the file in a thread of its own, within milliseconds; a busy machine may take longer. */
const closesWithinMs = 1000;

/**
 * Resolves when Asterisk has written the lengths into the header, or does not for long, with the length of the audio in
 * milliseconds; 0 where there is none. Whoever appends before that writes over what the former part has not flushed yet.
 */
export async function fileClosed(path: string): Promise<number> {
  const since = performance.now();
  for (;;) {
    const facts = await factsOf(path);
    const isPatient = performance.now() - since < closesWithinMs;
    if (facts === undefined || facts.closed || !isPatient) return facts?.durationMs ?? 0;
    await sleep(lookEveryMs);
  }
}

/** Undefined where there is no such file, or no header in it yet. */
const factsOf = (path: string): Promise<WavFacts | undefined> => readWavFacts(path).catch(() => undefined);
