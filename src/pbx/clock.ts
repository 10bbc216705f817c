// Time as the PBX side sees it: a reading and a timer. Handed in, so that tests can turn the clock themselves.

export interface Clock {
  now(): Date;
  /** Runs `task` once after `delayMs`; the returned function takes it back. */
  after(delayMs: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => new Date(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
