// Tones for voices: each speaker has a frequency of its own, so a recording tells who was heard when.

/** `phase` goes on where an earlier piece ended: pass its length. */
export function tone(frequencyHz: number, durationMs: number, amplitude = 6000, rateHz = 8000): Int16Array {
  const step = (2 * Math.PI * frequencyHz) / rateHz;
  const length = Math.round((durationMs * rateHz) / 1000);
  return Int16Array.from({ length }, (_, index) => Math.round(amplitude * Math.sin(step * index)));
}

export interface Segment {
  readonly startMs: number;
  readonly endMs: number;
}

/** Windows of 20 ms, one RTP packet, every 5 ms. */
const WINDOW_MS = 20;
const STEP_MS = 5;

/** Where the tone is heard; pauses shorter than a window are not seen as pauses. */
export function findTone(
  samples: Int16Array,
  frequencyHz: number,
  { rateHz = 8000, minAmplitude = 500 } = {},
): Segment[] {
  const window = (WINDOW_MS * rateHz) / 1000;
  const step = (STEP_MS * rateHz) / 1000;
  const segments: { startMs: number; endMs: number }[] = [];
  for (let from = 0; from + window <= samples.length; from += step) {
    if (amplitudeAt(samples, from, window, frequencyHz, rateHz) <= minAmplitude) continue;
    const startMs = (from / rateHz) * 1000;
    const last = segments.at(-1);
    if (last !== undefined && startMs <= last.endMs) last.endMs = startMs + WINDOW_MS;
    else segments.push({ startMs, endMs: startMs + WINDOW_MS });
  }
  return segments;
}

export function totalMs(segments: readonly Segment[]): number {
  return segments.reduce((total, { startMs, endMs }) => total + endMs - startMs, 0);
}

/** How long the tone is heard, all in all. */
export function heardMs(
  samples: Int16Array,
  frequencyHz: number,
  options?: { rateHz?: number; minAmplitude?: number },
): number {
  return totalMs(findTone(samples, frequencyHz, options));
}

/** Goertzel's algorithm: one bin of a Fourier transform, scaled to the tone's amplitude. */
function amplitudeAt(
  samples: Int16Array,
  from: number,
  length: number,
  frequencyHz: number,
  rateHz: number,
): number {
  const factor = 2 * Math.cos((2 * Math.PI * frequencyHz) / rateHz);
  let before = 0;
  let last = 0;
  for (let index = from; index < from + length; index += 1) {
    const next = (samples[index] ?? 0) + factor * last - before;
    before = last;
    last = next;
  }
  const power = last * last + before * before - factor * last * before;
  return (2 * Math.sqrt(Math.max(0, power))) / length;
}
