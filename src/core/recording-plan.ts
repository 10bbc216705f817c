// What is wanted now: for each conversation that is due, on which channel it is recorded and who may be heard there.
// The recorder brings what is to what is wanted; this file knows nothing of how.

import type { ChannelInCall } from "./call.ts";
import type { Conversation } from "./conversation.ts";
import type { Decision } from "./recording-decision.ts";
import type { Rule } from "./rule.ts";

export interface DecidedConversation {
  readonly conversation: Conversation;
  readonly decision: Decision;
}

export interface Wanted {
  readonly channel: ChannelInCall;
  readonly rule: Rule;
  readonly conversation: Conversation;
  /** Uniqueids of those who may be heard beside the member; empty while nobody may be, as on hold. */
  readonly heard: readonly string[];
}

/**
 * Members who talk with each other need one recording, not one each: it is made on the channel that was there first.
 */
export function planRecordings(decided: readonly DecidedConversation[]): readonly Wanted[] {
  const wanted: Wanted[] = [];
  const covered = new Set<string>();
  for (const { conversation, decision } of decided) {
    const { channel, peers } = conversation;
    if (!decision.record || covered.has(channel.uniqueid)) continue;
    for (const peer of peers) covered.add(peer.uniqueid);
    wanted.push({
      channel,
      rule: decision.rule,
      conversation,
      heard: conversation.onHold ? [] : peers.map((peer) => peer.uniqueid).sort(),
    });
  }
  return wanted;
}
