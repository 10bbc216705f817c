// Tells whether a known prompt is heard in a recording, also beside another voice and after A-law: the most telling
// second of the prompt is slid along the recording (normalised cross-correlation).

import { createSpectrum, transform } from "./fft.ts";

export interface PromptMatch {
  /** Where the prompt's beginning lies in the recording; negative where the recording began later. */
  readonly positionMs: number;
  /** 1 for the same sound alone, 0.7 beside a voice as loud, below 0.25 where the prompt is not heard. */
  readonly score: number;
}

export interface PromptSearch {
  readonly rateHz?: number;
  /** Only this much of the prompt is certain to have been spoken. */
  readonly spokenMs?: number;
}

/** Above it the prompt is heard. Real prompts of Asterisk that are not there stay below 0.25. */
export const HEARD_SCORE = 0.35;

const STRETCH_MS = 1_000;
const DEFAULT_SPOKEN_MS = 3_000;
const BLOCK = 1 << 17; // 16 s at 8 kHz

export function findPrompt(
  recording: Int16Array,
  prompt: Int16Array,
  search: PromptSearch = {},
): PromptMatch {
  const { rateHz = 8000, spokenMs = DEFAULT_SPOKEN_MS } = search;
  const spoken = sharpen(prompt.subarray(0, (spokenMs * rateHz) / 1000));
  const length = Math.min(spoken.length, Math.round((STRETCH_MS * rateHz) / 1000));
  const offset = loudestStretch(spoken, length);
  const stretch = spoken.subarray(offset, offset + length);
  const best = slide(stretch, sharpen(recording));
  return { positionMs: ((best.at - offset) / rateHz) * 1000, score: best.score };
}

/** Lifts what tells voices apart, the upper frequencies, above the hum that all of them have in common. */
function sharpen(samples: Int16Array): Float64Array {
  return Float64Array.from(samples, (sample, index) => sample - 0.95 * (samples[index - 1] ?? 0));
}

function loudestStretch(samples: Float64Array, length: number): number {
  const energy = runningEnergy(samples, length);
  let loudest = 0;
  for (let at = 1; at < energy.length; at += 1) {
    if ((energy[at] ?? 0) > (energy[loudest] ?? 0)) loudest = at;
  }
  return loudest;
}

/** Energy of the `length` samples from each position on. */
function runningEnergy(samples: Float64Array, length: number): Float64Array {
  const energy = new Float64Array(Math.max(0, samples.length - length + 1));
  let sum = 0;
  for (let index = 0; index < samples.length; index += 1) {
    sum += (samples[index] ?? 0) ** 2;
    if (index >= length) sum -= (samples[index - length] ?? 0) ** 2;
    if (index >= length - 1) energy[index - length + 1] = sum;
  }
  return energy;
}

/** Block by block, so that an hour needs no more memory than a minute. */
function slide(stretch: Float64Array, samples: Float64Array): { at: number; score: number } {
  const energy = runningEnergy(samples, stretch.length);
  const stretchEnergy = stretch.reduce((sum, sample) => sum + sample ** 2, 0);
  // Positions that are nearly silent say nothing: a few samples of noise must not score.
  const floor = 0.01 * stretchEnergy;
  const pattern = createSpectrum(BLOCK);
  pattern.real.set(stretch);
  transform(pattern);
  let best = { at: 0, score: 0 };
  const step = BLOCK - stretch.length;
  for (let start = 0; start < energy.length; start += step) {
    const products = correlate(pattern, samples.subarray(start, start + BLOCK));
    for (let index = 0; index < step && start + index < energy.length; index += 1) {
      const here = energy[start + index] ?? 0;
      if (here < floor) continue;
      const score = (products[index] ?? 0) / Math.sqrt(here * stretchEnergy);
      if (score > best.score) best = { at: start + index, score };
    }
  }
  return best;
}

/** Sum of products of the pattern with the block, for every shift: a multiplication of their spectra. */
function correlate(pattern: ReturnType<typeof createSpectrum>, block: Float64Array): Float64Array {
  const spectrum = createSpectrum(BLOCK);
  spectrum.real.set(block);
  transform(spectrum);
  for (let index = 0; index < BLOCK; index += 1) {
    const real = spectrum.real[index] ?? 0;
    const imaginary = spectrum.imaginary[index] ?? 0;
    const patternReal = pattern.real[index] ?? 0;
    const patternImaginary = pattern.imaginary[index] ?? 0;
    spectrum.real[index] = (real * patternReal + imaginary * patternImaginary) / BLOCK;
    spectrum.imaginary[index] = (imaginary * patternReal - real * patternImaginary) / BLOCK;
  }
  transform(spectrum, "inverse");
  return spectrum.real;
}
