// The tone in one band of a short window: a Fourier transform of just that band's bins, and between the bins the pitch
// by the ratio of neighbours (for a Hann window: offset = (2r − 1) / (r + 1), Grandke 1983).

import { BANDS, bandEndHz, bandStartHz } from "./voice-clock.ts";

export interface BandTone {
  readonly hz: number;
  readonly amplitude: number;
}

const RATE_HZ = 8000;
/** 40 ms: its main lobe is 100 Hz wide, so neighbouring voices are apart. */
export const WINDOW = 320;
const BIN_HZ = RATE_HZ / WINDOW;

interface BandBins {
  readonly first: number;
  /** Cosine and sine of each bin, already under the Hann window. */
  readonly waves: readonly { readonly cosine: Float64Array; readonly sine: Float64Array }[];
}

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

/** The strongest tone of the band; its amplitude is that of the sine, 0 in silence. */
export function toneInBand(samples: Int16Array, from: number, band: number): BandTone {
  const { first = 0, waves = [] } = bins[band] ?? {};
  const sizes = waves.map(({ cosine, sine }) => {
    let real = 0;
    let imaginary = 0;
    for (let at = 0; at < WINDOW; at += 1) {
      const sample = samples[from + at] ?? 0;
      real += sample * (cosine[at] ?? 0);
      imaginary += sample * (sine[at] ?? 0);
    }
    return Math.hypot(real, imaginary);
  });
  let peak = 1;
  for (let index = 1; index < sizes.length - 1; index += 1)
    if ((sizes[index] ?? 0) > (sizes[peak] ?? 0)) peak = index;
  const [below = 0, top = 0, above = 0] = sizes.slice(peak - 1, peak + 2);
  if (top === 0) return { hz: bandStartHz(band), amplitude: 0 };
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
