// The tone in one band of a short window: a Fourier transform of just that band's bins, and between the bins the pitch
// by the ratio of neighbours (for a Hann window: offset = (2r − 1) / (r + 1), Grandke 1983).

import { BANDS, bandEndHz, bandStartHz, VOICE_AMPLITUDE } from "./voice-clock.ts";

export interface BandTone {
  readonly hz: number;
  readonly amplitude: number;
}

const RATE_HZ = 8000;
/** 40 ms: its main lobe is 100 Hz wide, so neighbouring voices are apart. */
export const WINDOW = 320;
const BIN_HZ = RATE_HZ / WINDOW;

/** Of one bin, already under the Hann window. */
interface Wave {
  readonly cosine: Float64Array;
  readonly sine: Float64Array;
}

interface BandBins {
  readonly first: number;
  readonly waves: readonly Wave[];
}

const noBins: BandBins = { first: 0, waves: [] };

const hann = Float64Array.from(
  { length: WINDOW },
  (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / WINDOW),
);

const bins: readonly BandBins[] = Array.from({ length: BANDS }, (_, band) => {
  const first = Math.floor(bandStartHz(band) / BIN_HZ) - 1;
  const last = Math.ceil(bandEndHz(band) / BIN_HZ) + 1;
  const waves = Array.from({ length: last - first + 1 }, (_, index) => {
    const turn = (2 * Math.PI * (first + index)) / WINDOW;
    return {
      cosine: hann.map((weight, at) => weight * Math.cos(turn * at)),
      sine: hann.map((weight, at) => weight * Math.sin(turn * at)),
    };
  });
  return { first, waves };
});

/**
 * The strongest tone of the band; its amplitude is that of the sine, 0 in silence. Where it is expected `near` a pitch and
 * found there, the rest of the band is not looked at.
 */
export function toneInBand(samples: Int16Array, from: number, band: number, near?: number): BandTone {
  const { first, waves } = bins[band] ?? noBins;
  const sizes = new Float64Array(waves.length);
  if (near !== undefined) {
    const expected = Math.max(1, Math.min(waves.length - 2, Math.round(near / BIN_HZ) - first));
    for (let bin = expected - 1; bin <= expected + 1; bin += 1)
      sizes[bin] = sizeOf(waves[bin], samples, from);
    if (isPeak(sizes, expected)) return toneAt(sizes, expected, first);
  }
  let peak = 1;
  for (const [bin, wave] of waves.entries()) {
    if (sizes[bin] === 0) sizes[bin] = sizeOf(wave, samples, from);
    if (bin < waves.length - 1 && (sizes[bin] ?? 0) > (sizes[peak] ?? 0)) peak = Math.max(1, bin);
  }
  return toneAt(sizes, peak, first);
}

function sizeOf(wave: Wave | undefined, samples: Int16Array, from: number): number {
  if (wave === undefined) return 0;
  const { cosine, sine } = wave;
  let real = 0;
  let imaginary = 0;
  const begin = Math.max(0, -from);
  const end = Math.min(WINDOW, samples.length - from);
  for (let at = begin; at < end; at += 1) {
    const sample = samples[from + at] as number;
    real += sample * (cosine[at] as number);
    imaginary += sample * (sine[at] as number);
  }
  return Math.sqrt(real * real + imaginary * imaginary);
}

/** Loud enough for a voice, too: what is expected in vain is looked for everywhere. */
function isPeak(sizes: Float64Array, bin: number): boolean {
  const [below = 0, top = 0, above = 0] = sizes.subarray(bin - 1, bin + 2);
  return top >= below && top >= above && top > (VOICE_AMPLITUDE * WINDOW) / 16;
}

function toneAt(sizes: Float64Array, peak: number, first: number): BandTone {
  const [below = 0, top = 0, above = 0] = sizes.subarray(peak - 1, peak + 2);
  if (top === 0) return { hz: (first + peak) * BIN_HZ, amplitude: 0 };
  const ratio = Math.max(below, above) / top;
  const offset = ((2 * ratio - 1) / (ratio + 1)) * (above >= below ? 1 : -1);
  // A Hann window halves the sum; between two bins the top is lower by the window's own spectrum.
  const amplitude = (4 * top) / WINDOW / hannAt(offset);
  return { hz: (first + peak + offset) * BIN_HZ, amplitude };
}

/** Spectrum of the Hann window at a distance in bins, 1 at 0. */
function hannAt(offset: number): number {
  if (Math.abs(offset) < 1e-6) return 1;
  const sinc = Math.sin(Math.PI * offset) / (Math.PI * offset);
  return Math.max(0.5, sinc / (1 - offset * offset));
}
