// The story of a call, told by comparing: how the members' conversations stand now, how they stood before, and the
// timeline's entries that lead from one to the other.

import type { CallFacts, ChannelInCall } from "./call.ts";
import type { Conversation } from "./conversation.ts";
import type { TimelineEntry, TimelineKind } from "./timeline.ts";

/** How one member's conversation stands. */
export interface Situation {
  readonly member: string;
  /** Numbers of the others. */
  readonly with: string;
  /** Number of who holds; empty while they talk. */
  readonly heldBy: string;
}

export interface Situations {
  /** By the uniqueid of the member's channel. */
  readonly talks: ReadonlyMap<string, Situation>;
  /** Numbers of those who are parked, by uniqueid. */
  readonly parked: ReadonlyMap<string, string>;
}

export const atTheBeginning: Situations = { talks: new Map(), parked: new Map() };

export function situationsOf(call: CallFacts, conversations: readonly Conversation[]): Situations {
  const numberOf = (channel: ChannelInCall): string => shownNumber(channel, conversations);
  return {
    talks: new Map(
      conversations.map(({ channel, member, peers, heldBy }) => [
        channel.uniqueid,
        {
          member: member.extension,
          with: peers.map(numberOf).sort().join(", "),
          heldBy: heldBy === undefined ? "" : numberOf(heldBy),
        },
      ]),
    ),
    parked: new Map(
      [...call.channels.values()]
        .filter((channel) => channel.isParked && channel.endedAt === undefined)
        .map((channel) => [channel.uniqueid, numberOf(channel)]),
    ),
  };
}

/** What is to be compared with next time: whoever is alone for a moment still stands as he stood. */
export function rememberedOf(
  before: Situations,
  after: Situations,
  ended: (uniqueid: string) => boolean,
): Situations {
  const alone = [...before.talks].filter(([uniqueid]) => !after.talks.has(uniqueid) && !ended(uniqueid));
  return alone.length === 0 ? after : { talks: new Map([...alone, ...after.talks]), parked: after.parked };
}

/** A member by his extension, others by the number they showed first. */
export function shownNumber(channel: ChannelInCall, conversations: readonly Conversation[]): string {
  const own = conversations.find((conversation) => conversation.channel.uniqueid === channel.uniqueid);
  return own?.member.extension ?? (channel.number || channel.endpoint);
}

/** What happened between the two, at that time. A channel that is gone is in `ended`. */
export function changesBetween(
  before: Situations,
  after: Situations,
  ended: (uniqueid: string) => boolean,
  at: Date,
): readonly TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  const tell = (kind: TimelineKind, params: TimelineEntry["params"]): number =>
    entries.push({ at, kind, params });
  for (const [uniqueid, then] of before.talks)
    if (!after.talks.has(uniqueid) && ended(uniqueid)) tell("left", { member: then.member });
  for (const [uniqueid, who] of before.parked) if (!after.parked.has(uniqueid)) tell("unparked", { who });
  for (const [uniqueid, who] of after.parked) if (!before.parked.has(uniqueid)) tell("parked", { who });
  for (const [uniqueid, now] of after.talks) {
    const then = before.talks.get(uniqueid);
    const { member } = now;
    if (then?.with !== now.with) tell("talk", { member, with: now.with });
    if (now.heldBy !== "" && now.heldBy !== then?.heldBy) tell("hold", { member, by: now.heldBy });
    if (now.heldBy === "" && then !== undefined && then.heldBy !== "") tell("resume", { member });
  }
  return entries;
}
