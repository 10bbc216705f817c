// Folds events into calls. A call is everything under one linkedid; it ends when its last channel is hung up, and is
// forgotten then. Events may be missing (the module was started in mid-call), doubled or late: each one carries its
// channel's facts, so a channel that was never announced is simply added.

import { type CallFacts, type ChannelInCall, type Dial, endpointOf } from "./call.ts";
import type { CallEvent, ChannelFacts, DialStatus, SnapshotChannel } from "./call-event.ts";
import { assertNever } from "./errors.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface TrackedChannel extends Mutable<ChannelInCall> {
  call: TrackedCall;
  bridgeId: string | undefined;
  /** DialEnd ANSWER has joined it with this channel; they are not in a bridge together yet. */
  joining: string | undefined;
  /** The other half of a Local channel. */
  otherHalf: string | undefined;
  lastSeenAt: Date;
}

interface TrackedCall extends CallFacts {
  endedAt: Date | undefined;
  readonly channels: Map<string, TrackedChannel>;
  readonly dials: Mutable<Dial>[];
}

export interface CallTracker {
  /** Takes in one event and returns the calls that it touched; a call with `endedAt` is returned for the last time. */
  apply(event: CallEvent): readonly CallFacts[];
  /** The calls that go on. */
  calls(): Iterable<CallFacts>;
}

/** A channel keeps its dials in memory until its call ends; a call that redials for ever must not grow without bound. */
const dialsRemembered = 200;
/** Channels that ended lately: what still arrives about them must not bring them back to life. */
const endedRemembered = 5000;
/** Local channels through which a peer is looked for; more than a handful means a loop. */
const longestLocalChain = 16;

export function createCallTracker(): CallTracker {
  const calls = new Map<string, TrackedCall>();
  const channels = new Map<string, TrackedChannel>();
  const bridges = new Map<string, Set<string>>();
  const ended = new Set<string>();

  const newCall = (linkedid: string, at: Date): TrackedCall => {
    const call: TrackedCall = {
      linkedid,
      startedAt: at,
      endedAt: undefined,
      channels: new Map(),
      dials: [],
      peersOf: (uniqueid) => peersOf(uniqueid),
    };
    calls.set(linkedid, call);
    return call;
  };

  /** The channel as it is known now, added if it is new; the call is that in which it was seen first. */
  const see = (facts: ChannelFacts, at: Date): TrackedChannel => {
    const known = channels.get(facts.uniqueid);
    if (known !== undefined) {
      known.lastSeenAt = at;
      if (known.number === "") known.number = facts.callerNumber;
      if (facts.callerName !== "") known.displayName = facts.callerName;
      return known;
    }
    const call = calls.get(facts.linkedid) ?? newCall(facts.linkedid, at);
    const channel: TrackedChannel = {
      call,
      uniqueid: facts.uniqueid,
      name: facts.name,
      endpoint: endpointOf(facts.name),
      isLocal: facts.name.startsWith("Local/"),
      createdAt: at,
      number: facts.callerNumber,
      displayName: facts.callerName,
      dialled: "",
      dialledBy: undefined,
      onHold: false,
      endedAt: undefined,
      bridgeId: undefined,
      joining: undefined,
      otherHalf: undefined,
      lastSeenAt: at,
    };
    channels.set(channel.uniqueid, channel);
    call.channels.set(channel.uniqueid, channel);
    return channel;
  };

  /** A channel that comes in shows at birth what it dialled; one that the PBX makes shows `s`. */
  const bear = (facts: ChannelFacts, at: Date): TrackedChannel => {
    const isNew = !channels.has(facts.uniqueid);
    const channel = see(facts, at);
    if (isNew && facts.exten !== "s") channel.dialled = facts.exten;
    return channel;
  };

  const dialBegin = (caller: TrackedChannel | undefined, callee: TrackedChannel): void => {
    callee.dialledBy = caller?.uniqueid ?? "";
    callee.dialled = "";
    if (callee.call.dials.length < dialsRemembered)
      callee.call.dials.push({ callee: callee.uniqueid, status: undefined });
  };

  const dialEnd = (caller: TrackedChannel | undefined, callee: TrackedChannel, status: DialStatus): void => {
    const dial = callee.call.dials.findLast((d) => d.callee === callee.uniqueid);
    if (dial !== undefined) dial.status = status;
    if (status !== "ANSWER" || caller === undefined) return;
    callee.joining = caller.uniqueid;
    caller.joining = callee.uniqueid;
  };

  const enterBridge = (channel: TrackedChannel, bridgeId: string): void => {
    if (channel.bridgeId === bridgeId) return;
    leaveBridge(channel);
    channel.bridgeId = bridgeId;
    const inside = bridges.get(bridgeId) ?? new Set();
    bridges.set(bridgeId, inside.add(channel.uniqueid));
    if (inside.size < 2) return;
    for (const uniqueid of inside) {
      const other = channels.get(uniqueid);
      if (other !== undefined) other.joining = undefined;
    }
  };

  const leaveBridge = (channel: TrackedChannel): void => {
    if (channel.bridgeId === undefined) return;
    const inside = bridges.get(channel.bridgeId);
    inside?.delete(channel.uniqueid);
    if (inside?.size === 0) bridges.delete(channel.bridgeId);
    channel.bridgeId = undefined;
    channel.joining = undefined;
  };

  /** Who is on the other side at once: in the same bridge, or about to be. */
  const nextTo = (channel: TrackedChannel): string[] => {
    const others = [...(bridges.get(channel.bridgeId ?? "") ?? [])].filter((id) => id !== channel.uniqueid);
    if (others.length > 0) return others;
    return channel.joining === undefined ? [] : [channel.joining];
  };

  const peersOf = (uniqueid: string): readonly ChannelInCall[] => {
    const found = new Map<string, ChannelInCall>();
    const visited = new Set([uniqueid]);
    let from = [uniqueid];
    for (let hops = 0; from.length > 0 && hops < longestLocalChain; hops++) {
      const beyond: string[] = [];
      for (const id of from) {
        const here = channels.get(id);
        for (const nextId of here === undefined ? [] : nextTo(here)) {
          const next = channels.get(nextId);
          if (next === undefined || visited.has(nextId)) continue;
          visited.add(nextId);
          if (!next.isLocal) found.set(nextId, next);
          else if (next.otherHalf !== undefined) beyond.push(next.otherHalf);
        }
      }
      for (const id of beyond) visited.add(id);
      from = beyond;
    }
    return [...found.values()];
  };

  const rememberEnded = (uniqueid: string): void => {
    ended.add(uniqueid);
    if (ended.size <= endedRemembered) return;
    for (const oldest of ended) {
      ended.delete(oldest);
      break;
    }
  };

  const hangUp = (channel: TrackedChannel, at: Date): void => {
    leaveBridge(channel);
    channel.endedAt = at;
    channels.delete(channel.uniqueid);
    rememberEnded(channel.uniqueid);
    for (const other of channel.call.channels.values()) {
      if (other.joining === channel.uniqueid) other.joining = undefined;
    }
    const goesOn = [...channel.call.channels.values()].some((c) => c.endedAt === undefined);
    if (goesOn) return;
    channel.call.endedAt = at;
    calls.delete(channel.call.linkedid);
  };

  const resynchronise = (present: readonly SnapshotChannel[], askedAt: Date, at: Date): Set<TrackedCall> => {
    const touched = new Set<TrackedCall>();
    for (const facts of present) {
      const isNew = !channels.has(facts.uniqueid);
      const channel = see(facts, isNew ? new Date(at.getTime() - facts.durationMs) : at);
      channel.lastSeenAt = at;
      if (isNew && facts.uniqueid === facts.linkedid) channel.dialled = facts.exten;
      // By whom is not in the answer, but all but the first channel of a call were dialled by somebody.
      else if (isNew) channel.dialledBy = "";
      if (facts.bridgeId === "") leaveBridge(channel);
      else enterBridge(channel, facts.bridgeId);
      touched.add(channel.call);
    }
    const ids = new Set(present.map((facts) => facts.uniqueid));
    for (const channel of [...channels.values()]) {
      if (ids.has(channel.uniqueid) || channel.lastSeenAt.getTime() >= askedAt.getTime()) continue;
      hangUp(channel, at);
      touched.add(channel.call);
    }
    return touched;
  };

  /** The calls of everybody in a bridge: a move of one channel changes what the others hear. */
  const callsIn = (bridgeId: string): TrackedCall[] =>
    [...(bridges.get(bridgeId) ?? [])].flatMap((id) => channels.get(id)?.call ?? []);

  const handle = (event: CallEvent): Iterable<TrackedCall> => {
    switch (event.type) {
      case "Newchannel":
        return [bear(event.channel, event.at).call];
      case "ChannelUpdate":
        return [see(event.channel, event.at).call];
      case "Rename": {
        const channel = channels.get(event.uniqueid);
        if (channel === undefined) return [];
        channel.name = event.newName;
        channel.endpoint = endpointOf(event.newName);
        return [channel.call];
      }
      case "DialBegin": {
        const caller = event.caller && see(event.caller, event.at);
        const callee = see(event.callee, event.at);
        dialBegin(caller, callee);
        return caller === undefined ? [callee.call] : [caller.call, callee.call];
      }
      case "DialEnd": {
        const caller = event.caller && see(event.caller, event.at);
        const callee = see(event.callee, event.at);
        dialEnd(caller, callee, event.status);
        return caller === undefined ? [callee.call] : [caller.call, callee.call];
      }
      case "BridgeEnter": {
        const channel = see(event.channel, event.at);
        enterBridge(channel, event.bridgeId);
        return [channel.call, ...callsIn(event.bridgeId)];
      }
      case "BridgeLeave": {
        const channel = see(event.channel, event.at);
        if (channel.bridgeId === event.bridgeId) leaveBridge(channel);
        return [channel.call, ...callsIn(event.bridgeId)];
      }
      case "Hold":
      case "Unhold": {
        const channel = see(event.channel, event.at);
        channel.onHold = event.type === "Hold";
        return [channel.call, ...callsIn(channel.bridgeId ?? "")];
      }
      case "LocalBridge": {
        const one = see(event.one, event.at);
        const two = see(event.two, event.at);
        one.otherHalf = two.uniqueid;
        two.otherHalf = one.uniqueid;
        return [one.call, two.call];
      }
      case "Hangup": {
        // A channel that was never heard of is not made to exist by its end.
        const channel = channels.get(event.channel.uniqueid);
        if (channel === undefined) return [];
        const { bridgeId } = channel;
        hangUp(channel, event.at);
        return [channel.call, ...callsIn(bridgeId ?? "")];
      }
      case "Snapshot":
        return resynchronise(event.channels, event.askedAt, event.at);
      default:
        return assertNever(event);
    }
  };

  return {
    apply: (event) =>
      channelsOf(event).some((c) => ended.has(c.uniqueid)) ? [] : [...new Set(handle(event))],
    calls: () => calls.values(),
  };
}

/** The channels that an event tells of; a snapshot and a rename tell of none in this sense. */
function channelsOf(event: CallEvent): readonly ChannelFacts[] {
  switch (event.type) {
    case "DialBegin":
    case "DialEnd":
      return event.caller === undefined ? [event.callee] : [event.caller, event.callee];
    case "LocalBridge":
      return [event.one, event.two];
    case "Rename":
    case "Snapshot":
      return [];
    default:
      return [event.channel];
  }
}
