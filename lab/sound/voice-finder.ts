// Reads the clocks in a sound: which voice is heard where, and which moments of it. Silence, ringing, music and prompts
// are none: they have not a voice's loudness, or their pitch does not rise as a clock's does.

import { type BandTone, toneInBand, WINDOW } from "./band-tone.ts";
import { BANDS, momentOf, VOICE_AMPLITUDE } from "./voice-clock.ts";

/** A piece of a voice without a gap or a jump; times in milliseconds. */
export interface Utterance {
  readonly band: number;
  /** Moments of the voice, as its clock says. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Where it begins in the sound. */
  readonly atMs: number;
}

interface Reading {
  /** Middle of the window, in the sound. */
  readonly atMs: number;
  /** The voice's clock less the sound's: the same for as long as nothing is missing. */
  readonly offsetMs: number;
  readonly isWhole: boolean;
}

const allBands = Array.from({ length: BANDS }, (_, band) => band);

const STEP = 80;
const STEP_MS = STEP / 8;
/** A window that is half full of a voice has half its loudness: so its middle is the edge. */
const QUIETEST = 0.5 * VOICE_AMPLITUDE;
const LOUDEST = 1.25 * VOICE_AMPLITUDE;
/** Of a voice that begins in the middle of the window behind the next, nothing is heard yet. */
const FAINT = 0.05 * VOICE_AMPLITUDE;
/** The pitch of a window that is not full is not exact. */
const WHOLE = 0.97 * VOICE_AMPLITUDE;
/** Shorter ones cannot be told from chance. */
const SHORTEST_MS = 60;
/** A jump of the clock: three times what one window errs beside other voices, and a third of that for many. */
const JUMP_MS = 40;
const FEWEST_WHOLE = 3;
/** How fast the clock may run away from the sound; that of a held note stands, so it drifts by 1. */
const MOST_DRIFT = 0.6;
/** Windows that are not full, at both edges and around a join; chords swing in loudness all the time. */
const MOST_AT_EDGES = 8;
/** Windows on either side by which a jump is seen. */
const NEIGHBOURS = 12;
/** How far single windows stray in a voice; a held note of music drifts by its whole length. */
const STRAY_MS = 25;

/** In all bands, or in those where a voice is possible. */
export function findVoices(samples: Int16Array, bands: Iterable<number> = allBands): Utterance[] {
  const found: Utterance[] = [];
  for (const band of bands) {
    for (const run of runsIn(samples, band)) {
      found.push(...closeSeams(splitAtJumps(run).flatMap((piece) => utteranceOf(piece, band))));
    }
  }
  return found.sort((a, b) => a.atMs - b.atMs);
}

/** Windows in a row in which something of a voice's loudness is heard. */
function runsIn(samples: Int16Array, band: number): Reading[][] {
  const runs: Reading[][] = [];
  let run: Reading[] = [];
  let lastHz: number | undefined;
  for (let from = -WINDOW / 2; from + WINDOW / 2 <= samples.length; from += STEP) {
    const tone = toneInBand(samples, from, band, lastHz);
    const isVoice = tone.amplitude >= QUIETEST && tone.amplitude <= LOUDEST;
    lastHz = isVoice ? tone.hz : undefined;
    if (isVoice) run.push(readingOf(tone, from, band));
    else if (run.length > 0) {
      runs.push(run);
      run = [];
    }
    // A window later there cannot be half a voice either.
    if (tone.amplitude < FAINT) from += STEP;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

function readingOf({ hz, amplitude }: BandTone, from: number, band: number): Reading {
  const atMs = (from + WINDOW / 2) / 8;
  return { atMs, offsetMs: momentOf(band, hz) - atMs, isWhole: amplitude >= WHOLE };
}

/** Where two recorded pieces were joined, the sound goes on but the clock jumps. */
function splitAtJumps(run: readonly Reading[]): (readonly Reading[])[] {
  let best = { at: 0, jumpMs: 0 };
  for (let at = 2; at < run.length - 1; at += 1) {
    const before = medianOffset(run.slice(Math.max(0, at - NEIGHBOURS), at));
    const after = medianOffset(run.slice(at, at + NEIGHBOURS));
    const jumpMs = Math.abs((after ?? before ?? 0) - (before ?? after ?? 0));
    if (jumpMs > best.jumpMs) best = { at, jumpMs };
  }
  if (best.jumpMs < JUMP_MS) return [run];
  return [...splitAtJumps(run.slice(0, best.at)), ...splitAtJumps(run.slice(best.at))];
}

/** Pieces of one run: the windows on a join belong to neither, but there is no silence. */
function closeSeams(pieces: readonly Utterance[]): Utterance[] {
  const closed = pieces.map((piece) => ({ ...piece }));
  for (const [index, next] of closed.entries()) {
    const before = closed[index - 1];
    if (before === undefined) continue;
    const dipMs = next.atMs - (before.atMs + before.untilMs - before.fromMs);
    before.untilMs += dipMs / 2;
    next.fromMs -= dipMs / 2;
    next.atMs -= dipMs / 2;
  }
  return closed;
}

function utteranceOf(piece: readonly Reading[], band: number): readonly Utterance[] {
  const [first, last] = [piece[0], piece.at(-1)];
  const offsetMs = medianOffset(piece);
  if (first === undefined || last === undefined || offsetMs === undefined) return [];
  const whole = wholeOf(piece);
  const strays = whole.map((reading) => Math.abs(reading.offsetMs - offsetMs));
  if (last.atMs - first.atMs < SHORTEST_MS || median(strays) > STRAY_MS) return [];
  if (piece.length - whole.length > Math.max(MOST_AT_EDGES, piece.length / 4)) return [];
  if (Math.abs(driftOf(whole)) > MOST_DRIFT) return [];
  const atMs = first.atMs - STEP_MS / 2;
  return [{ band, fromMs: atMs + offsetMs, untilMs: last.atMs + STEP_MS / 2 + offsetMs, atMs }];
}

/** Slope of the offsets by least squares, in milliseconds a millisecond. */
function driftOf(readings: readonly Reading[]): number {
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const at = meanOf(readings.map(({ atMs }) => atMs));
  const offset = meanOf(readings.map(({ offsetMs }) => offsetMs));
  const spread = readings.reduce((sum, { atMs }) => sum + (atMs - at) ** 2, 0);
  return readings.reduce((sum, { atMs, offsetMs }) => sum + (atMs - at) * (offsetMs - offset), 0) / spread;
}

const wholeOf = (readings: readonly Reading[]): readonly Reading[] =>
  readings.filter(({ isWhole }) => isWhole);

/** Of the whole windows; undefined where they are too few to say. */
function medianOffset(readings: readonly Reading[]): number | undefined {
  const whole = wholeOf(readings);
  return whole.length < FEWEST_WHOLE ? undefined : median(whole.map(({ offsetMs }) => offsetMs));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
