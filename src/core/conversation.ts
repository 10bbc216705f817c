// A conversation: a member of a group who can speak with somebody. The unit of recording. It is derived from the call
// at each event and has no state of its own.

import { type CallFacts, type ChannelInCall, originatorOf } from "./call.ts";
import type { Dialling, Direction, Member } from "./rule.ts";

export interface Party {
  readonly number: string;
  readonly name: string;
}

export interface Conversation {
  readonly member: Member;
  /** The member's own channel, on which it is recorded. */
  readonly channel: ChannelInCall;
  readonly peers: readonly ChannelInCall[];
  /** Those of them whom the member and they themselves can hear: nobody while the member holds, nor a peer who holds. */
  readonly audible: readonly ChannelInCall[];
  /** The Local channels between them, which can be optimised away. */
  readonly path: readonly string[];
  readonly direction: Direction;
  readonly from: Party;
  readonly to: Party;
  /** Who holds, while that leaves nobody audible. */
  readonly heldBy: ChannelInCall | undefined;
}

/** Finds whose channel it is by its endpoint; a caller id can be forged. */
export type MemberOf = (endpoint: string) => Member | undefined;

export function conversationsOf(
  call: CallFacts,
  memberOf: MemberOf,
  dialling: Dialling,
): readonly Conversation[] {
  const found: Conversation[] = [];
  for (const channel of call.channels.values()) {
    if (channel.isLocal || channel.endedAt !== undefined) continue;
    const member = memberOf(channel.endpoint);
    if (member === undefined) continue;
    const peers = call.peersOf(channel.uniqueid);
    if (peers.length > 0) found.push(conversation(call, member, channel, peers, memberOf, dialling));
  }
  return found;
}

function conversation(
  call: CallFacts,
  member: Member,
  channel: ChannelInCall,
  peers: readonly ChannelInCall[],
  memberOf: MemberOf,
  dialling: Dialling,
): Conversation {
  const isOutside = (peer: ChannelInCall): boolean => dialling.trunks.includes(peer.endpoint);
  const peer = peers.find(isOutside) ?? peers[0] ?? channel;
  const direction: Direction = !isOutside(peer)
    ? "internal"
    : peer.dialledBy === undefined
      ? "incoming"
      : "outgoing";
  const memberCalled =
    direction === "outgoing" || (direction === "internal" && channel.dialledBy === undefined);
  const memberParty: Party = { number: member.extension, name: member.name || channel.displayName };
  const peerParty = partyOf(peer, memberOf, memberCalled ? originatorOf(call)?.dialled : undefined);
  const audible = audibleTo(channel, peers);
  return {
    member,
    channel,
    peers,
    audible,
    path: call.pathOf(channel.uniqueid),
    direction,
    from: memberCalled ? memberParty : peerParty,
    to: memberCalled ? peerParty : memberParty,
    heldBy: audible.length > 0 ? undefined : channel.onHold ? channel : peers.find((p) => p.onHold),
  };
}

/** Of the peers of a channel, those who take part in a talk with it now. */
export function audibleTo(channel: ChannelInCall, peers: readonly ChannelInCall[]): readonly ChannelInCall[] {
  return channel.onHold ? [] : peers.filter((peer) => !peer.onHold);
}

/** Where a call comes from and goes to, also if nobody ever answered it. */
export function directionOf(call: CallFacts, { trunks }: Dialling): Direction {
  const isOutside = (channel: ChannelInCall): boolean => trunks.includes(channel.endpoint);
  const first = originatorOf(call);
  if (first !== undefined && isOutside(first)) return "incoming";
  return [...call.channels.values()].some(isOutside) ? "outgoing" : "internal";
}

/** A member by his extension, everybody else by the number shown first, or by what was dialled to reach him. */
function partyOf(channel: ChannelInCall, memberOf: MemberOf, dialled: string | undefined): Party {
  const member = memberOf(channel.endpoint);
  if (member !== undefined) return { number: member.extension, name: member.name || channel.displayName };
  return { number: channel.number || dialled || "", name: channel.displayName };
}
