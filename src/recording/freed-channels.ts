// Channels that are still there although their recording was freed: nothing is begun on them again, or the cleanup would
// have been in vain, until other people can be heard there, or those who had fallen silent send audio again.

import type { CutOff } from "../core/outcome.ts";

export interface FreedChannels {
  /** `people`: uniqueids of who could be heard there. */
  add(channel: string, people: readonly string[], cutOff: CutOff): void;
  /** Nothing is to be begun there for these people; a hold in between makes no other people of them. */
  rests(channel: string, people: readonly string[]): boolean;
  /** There is nobody on it now: whoever comes next is somebody else. */
  isAlone(channel: string): void;
  forget(channel: string): void;
  /**
   * RTCP reports the highest sequence number that the PBX has received from a channel's phone. Returns the channels that rest
   * no longer: a frozen peer of theirs has come back. Whoever was ended by force was never silent.
   */
  received(channel: string, sequence: number): readonly string[];
}

interface Freed {
  readonly people: ReadonlySet<string>;
  readonly cutOff: CutOff;
  isAlone: boolean;
  /** By uniqueid, from the last report. */
  readonly sequences: Map<string, number>;
}

export function createFreedChannels(): FreedChannels {
  const freed = new Map<string, Freed>();

  const isHeardAgain = (one: Freed, channel: string, sequence: number): boolean => {
    const before = one.sequences.get(channel);
    one.sequences.set(channel, sequence);
    return before !== undefined && before !== sequence;
  };

  return {
    add(channel, people, cutOff) {
      freed.set(channel, { people: new Set(people), cutOff, isAlone: false, sequences: new Map() });
    },
    rests(channel, people) {
      const one = freed.get(channel);
      if (one === undefined) return false;
      if (people.length === 0) return true;
      const areSame =
        people.length === one.people.size && people.every((uniqueid) => one.people.has(uniqueid));
      if (areSame && !one.isAlone) return true;
      freed.delete(channel);
      return false;
    },
    isAlone(channel) {
      const one = freed.get(channel);
      if (one !== undefined) one.isAlone = true;
    },
    forget: (channel) => {
      freed.delete(channel);
    },
    received(channel, sequence) {
      const revived: string[] = [];
      for (const [recorded, one] of freed) {
        if (one.cutOff !== "stuck" || (recorded !== channel && !one.people.has(channel))) continue;
        if (isHeardAgain(one, channel, sequence)) revived.push(recorded);
      }
      for (const recorded of revived) freed.delete(recorded);
      return revived;
    },
  };
}
