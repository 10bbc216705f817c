// What is known of a call: its channels, who dialled whom with what success, who is bridged with whom. The tracker
// makes it from events; everything else in the core reads it.

import type { DialStatus } from "./call-event.ts";

export interface ChannelInCall {
  readonly uniqueid: string;
  readonly name: string;
  /** The name without its serial: `PJSIP/alice`. This, never a caller id, says whose channel it is. */
  readonly endpoint: string;
  /** `Local/…`: a joint inside the PBX, nobody listens or speaks there. */
  readonly isLocal: boolean;
  readonly createdAt: Date;
  /** The first number the channel showed; later ones are what the dialplan made of it. */
  readonly number: string;
  readonly displayName: string;
  /** What it dialled when it came in; empty for a channel that the PBX made. */
  readonly dialled: string;
  /** Uniqueid of the channel that dialled it; "" where the PBX itself did (Originate); undefined where nobody did. */
  readonly dialledBy: string | undefined;
  /** Its phone, or a transfer by DTMF, has put the other side on hold. */
  readonly onHold: boolean;
  /** It was on hold and has been moved to another bridge since: only the channel itself can tell whether it still is. */
  readonly holdInDoubt: boolean;
  /** Waits by itself in a parking lot. */
  readonly isParked: boolean;
  /** The softmix bridge that it is in; empty where it is in none of that kind. */
  readonly mixedIn: string;
  readonly endedAt: Date | undefined;
}

/** One leg that was rung. Without a status it still rings, or its caller gave up without a word. */
export interface Dial {
  readonly callee: string;
  readonly status: DialStatus | undefined;
}

export interface CallFacts {
  readonly linkedid: string;
  readonly startedAt: Date;
  /** When its last channel was hung up. */
  readonly endedAt: Date | undefined;
  readonly channels: ReadonlyMap<string, ChannelInCall>;
  readonly dials: readonly Dial[];
  /** Two people could speak with each other at some time. */
  readonly wasConnected: boolean;
  /** Linkedids under which some of its channels went on: a transfer has merged the call with others. */
  readonly mergedWith: ReadonlySet<string>;
  /** With whom a channel can speak now: real channels only, through Local ones, without itself. */
  peersOf(uniqueid: string): readonly ChannelInCall[];
  /** Uniqueids of the Local channels between it and its peers. */
  pathOf(uniqueid: string): readonly string[];
}

/** `PJSIP/alice-00000001` → `PJSIP/alice`; the serial is what stands behind the last hyphen. */
export function endpointOf(channelName: string): string {
  const hyphen = channelName.lastIndexOf("-");
  return hyphen > channelName.indexOf("/") ? channelName.slice(0, hyphen) : channelName;
}

/** Made by the PBX for itself, in no call and in no CDR: announcer and recorder of a conference, placeholders. */
export const isInternalName = (channelName: string): boolean =>
  /^(CBAnn|CBRec|Announcer|Recorder|Surrogate|Snoop)\//.test(channelName);

export const isLocalName = (channelName: string): boolean => channelName.startsWith("Local/");

/** `Local/10@queue-00000001;1` ↔ `…;2` */
export const otherHalfOf = (localName: string): string =>
  localName.slice(0, -1) + (localName.endsWith("1") ? "2" : "1");

/** The channel with which the call began; undefined while only later ones are known. */
export function originatorOf(call: CallFacts): ChannelInCall | undefined {
  const first = call.channels.get(call.linkedid);
  if (first !== undefined) return first;
  for (const channel of call.channels.values()) if (channel.dialledBy === undefined) return channel;
  return call.channels.values().next().value;
}
