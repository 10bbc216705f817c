// Random calls in which something went wrong once, and what it was. They are made again for ever.

export interface NamedSeed {
  readonly seed: number;
  /** A sentence: what was wrong. */
  readonly once: string;
}

export const namedSeeds: readonly NamedSeed[] = [
  {
    seed: 9,
    once: "the voice whose RTP had begun anew without notice was missing until the end (Asterisk 22)",
  },
  {
    seed: 101,
    once: "the caller was missing for two seconds around a consultation that ended busy, after a transfer by digits (Asterisk 22)",
  },
  {
    seed: 22076,
    once: "the caller was missing for the rest of the call, after a transfer by digits to a member (Asterisk 22)",
  },
  {
    seed: 22011,
    once: "RTP began anew before the first report on it, so nobody saw another SSRC, and the voice was missing (Asterisk 22)",
  },
];
