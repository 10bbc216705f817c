// Collects what is told of a call for a moment, so that a burst of events becomes one write, and a talk that lasted only
// between two events of one transfer is not told at all.

import type { TimelineEntry } from "../core/timeline.ts";
import type { ChannelSeen } from "../journal/timeline.ts";

export interface Story {
  readonly channels: readonly ChannelSeen[];
  readonly entries: readonly TimelineEntry[];
}

export interface StoryBuffer {
  tell(entry: TimelineEntry): void;
  channel(channel: ChannelSeen): void;
  /** Hands over what there is now. */
  flush(): void;
}

const collectForMs = 300;
/** The events of one transfer come within milliseconds. */
const passingMs = 100;

export function createStoryBuffer(write: (story: Story) => void): StoryBuffer {
  let channels: ChannelSeen[] = [];
  let entries: TimelineEntry[] = [];
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (channels.length === 0 && entries.length === 0) return;
    const story = { channels, entries };
    [channels, entries] = [[], []];
    write(story);
  };
  const soon = (): void => {
    timer ??= setTimeout(flush, collectForMs).unref();
  };
  const isOvertakenBy =
    (entry: TimelineEntry) =>
    (other: TimelineEntry): boolean =>
      entry.kind === "talk" &&
      other.kind === "talk" &&
      other.params.member === entry.params.member &&
      entry.at.getTime() - other.at.getTime() < passingMs;

  return {
    tell(entry) {
      const overtaken = entries.findLastIndex(isOvertakenBy(entry));
      if (overtaken >= 0) entries.splice(overtaken, 1);
      entries.push(entry);
      soon();
    },
    channel(channel) {
      channels.push(channel);
      soon();
    },
    flush,
  };
}
