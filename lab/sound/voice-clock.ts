// Voices that are clocks: each is a sine whose pitch rises slowly in a band of its own, so that a few hundredths of a
// second of any recording tell who spoke, and at which moment. No start time, file name or event has to be trusted.

/** Pitch of the lowest band at its beginning; above the 425 Hz of ringing and dial tones. */
const LOWEST_HZ = 480;
/** From the beginning of a band to that of the next. */
const SPACING_HZ = 320;
/** How far a voice rises in its band: what is left keeps two bands apart in a window of 40 ms. */
const RISE_HZ = 200;
/** Slow enough for a pure tone in a window, fast enough that 20 ms are told apart. */
export const RISE_HZ_PER_S = 4;

export const BANDS = 9;
/** The moments of one band, in milliseconds: a voice must not go beyond them. */
export const BAND_MS = (RISE_HZ / RISE_HZ_PER_S) * 1000;
export const VOICE_AMPLITUDE = 5000;

/** A moment of a band, in milliseconds from its beginning: what is heard is the time of that clock. */
export interface VoiceMoment {
  readonly band: number;
  readonly ms: number;
}

export const bandStartHz = (band: number): number => LOWEST_HZ + band * SPACING_HZ;
export const bandEndHz = (band: number): number => bandStartHz(band) + RISE_HZ;
export const pitchHz = ({ band, ms }: VoiceMoment): number => bandStartHz(band) + (ms / 1000) * RISE_HZ_PER_S;
export const momentOf = (band: number, hz: number): number =>
  ((hz - bandStartHz(band)) / RISE_HZ_PER_S) * 1000;

/** The voice that begins at `start`: `length` samples from sample `from` on, without a seam between two pieces. */
export function speak(
  start: VoiceMoment,
  from: number,
  length: number,
  { amplitude = VOICE_AMPLITUDE, rateHz = 8000 } = {},
): Int16Array {
  const firstHz = pitchHz(start);
  return Int16Array.from({ length }, (_, index) => {
    const seconds = (from + index) / rateHz;
    const turns = firstHz * seconds + (RISE_HZ_PER_S * seconds * seconds) / 2;
    return Math.round(amplitude * Math.sin(2 * Math.PI * (turns % 1)));
  });
}
