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
    seed: 33,
    once: "a forwarding phone's DialEnd carries a header `Forward` and was taken for a forged one",
  },
];
