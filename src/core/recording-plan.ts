// What is wanted now: for each conversation that is due, on which channel it is recorded and who may be heard there.
// The recorder brings what is to what is wanted; this file knows nothing of how.

import type { CallFacts, ChannelInCall } from "./call.ts";
import { audibleTo, type Conversation } from "./conversation.ts";
import type { Decision } from "./recording-decision.ts";
import type { Direction, Rule } from "./rule.ts";

export interface DecidedConversation {
  readonly conversation: Conversation;
  readonly decision: Decision;
}

/** Whose conversation is recorded: what stands in its row. */
export interface RecordingSubject {
  readonly rule: Rule;
  readonly memberExtension: string;
  readonly direction: Direction;
  readonly fromNumber: string;
  readonly toNumber: string;
}

export interface Wanted {
  readonly channel: ChannelInCall;
  readonly subject: RecordingSubject;
  /** Who may be heard beside the channel itself; empty while nobody may be, as on hold. */
  readonly heard: readonly ChannelInCall[];
  /**
   * Another key means that the recording has to be taken up anew: others are heard, the same after a hold, or the same on
   * another path.
   */
  readonly key: string;
}

/** Whether two keys differ in nothing but the path. */
export const haveSamePeople = (one: string, other: string): boolean => peopleIn(one) === peopleIn(other);

const peopleIn = (key: string): string | undefined => key.split(" by ")[0];

export const subjectOf = ({ member, direction, from, to }: Conversation, rule: Rule): RecordingSubject => ({
  rule,
  memberExtension: member.extension,
  direction,
  fromNumber: from.number,
  toNumber: to.number,
});

/**
 * Members of one rule who talk with each other in one call need one recording, not one each: it is made on the channel
 * that was there first.
 */
export function planRecordings(decided: readonly DecidedConversation[]): readonly Wanted[] {
  const wanted: Wanted[] = [];
  for (const { conversation, decision } of decided) {
    if (!decision.record) continue;
    const subject = subjectOf(conversation, decision.rule);
    const { channel, peers, path } = conversation;
    wanted.push(wantedOn({ channel, peers, path }, subject, wanted));
  }
  return wanted;
}

/**
 * After the last member has left, under a rule that goes on then: the outside parties of former conversations, each on its
 * own channel. `followed` tells of whose conversation each of them was.
 */
export function planOutside(
  call: CallFacts,
  followed: ReadonlyMap<string, RecordingSubject>,
): readonly Wanted[] {
  const wanted: Wanted[] = [];
  for (const channel of call.channels.values()) {
    const subject = followed.get(channel.uniqueid);
    if (subject === undefined || channel.endedAt !== undefined) continue;
    if (channel.isParked) {
      wanted.push({
        channel,
        subject,
        heard: [],
        key: subject.rule.whileOnHold === "record" ? "parked" : "",
      });
      continue;
    }
    const peers = call.peersOf(channel.uniqueid);
    const isWithMember = peers.some((peer) => isMemberOf(subject.rule, peer));
    const path = call.pathOf(channel.uniqueid);
    if (!isWithMember && peers.length > 0) wanted.push(wantedOn({ channel, peers, path }, subject, wanted));
  }
  return wanted;
}

export const isMemberOf = (rule: Rule, { endpoint }: ChannelInCall): boolean =>
  rule.members.some((member) => member.endpoints.includes(endpoint));

type Talk = Pick<Conversation, "channel" | "peers" | "path">;

function wantedOn(
  { channel, peers, path }: Talk,
  subject: RecordingSubject,
  before: readonly Wanted[],
): Wanted {
  const { rule } = subject;
  const isCovered = before.some(
    (other) =>
      other.subject.rule.id === rule.id && other.heard.some(({ uniqueid }) => uniqueid === channel.uniqueid),
  );
  if (isCovered) return { channel, subject, heard: [], key: "" };
  const heard = rule.whileOnHold === "record" ? peers : audibleTo(channel, peers);
  return { channel, subject, heard, key: keyOf(channel, heard, path) };
}

function keyOf(channel: ChannelInCall, heard: readonly ChannelInCall[], path: readonly string[]): string {
  if (heard.length === 0) return "";
  // What a softmix bridge sends is its own; whoever comes or goes changes nothing of it, but for the channel's own hold.
  if (channel.mixedIn !== "") return `${channel.mixedIn}${channel.onHold ? "~" : ""}`;
  const people = heard.map((peer) => `${peer.uniqueid}${channel.onHold || peer.onHold ? "~" : ""}`);
  return [people.sort().join(), ...(path.length === 0 ? [] : [[...path].sort().join()])].join(" by ");
}
