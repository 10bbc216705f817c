// Folds events into calls. A call is everything under one linkedid; it ends when its last channel is hung up, and is
// forgotten then. Events may be missing (the module was started in mid-call), doubled or late: each one carries its
// channel's facts, so a channel that was never announced is simply added.

import {
  type CallFacts,
  type ChannelInCall,
  type Dial,
  endpointOf,
  isInternalName,
  isLocalName,
  otherHalfOf,
} from "./call.ts";
import {
  type BridgeKind,
  type CallEvent,
  type ChannelEvent,
  type ChannelFacts,
  type DialStatus,
  type SnapshotChannel,
  uniqueidsIn,
} from "./call-event.ts";
import { createChannelGraph } from "./channel-graph.ts";
import { assertNever } from "./errors.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface TrackedChannel extends Mutable<ChannelInCall> {
  call: TrackedCall;
}

interface TrackedCall extends CallFacts {
  endedAt: Date | undefined;
  wasConnected: boolean;
  readonly channels: Map<string, TrackedChannel>;
  readonly dials: Mutable<Dial>[];
  readonly mergedWith: Set<string>;
}

export interface CallTracker {
  /** Takes in one event and returns the calls that it touched; a call with `endedAt` is returned for the last time. */
  apply(event: CallEvent): readonly CallFacts[];
  /** Uniqueids of the channels that the sound of this one can reach now, its own among them. */
  reach(uniqueid: string): ReadonlySet<string>;
  /** The calls that go on. */
  calls(): Iterable<CallFacts>;
}

/** What a call keeps of its past; one that rings or redials for hours must not grow without bound. */
const dialsRemembered = 200;
const channelsRemembered = 500;
const mergesRemembered = 100;
/** Channels that ended lately: what still arrives about them must not bring them back to life. */
const endedRemembered = 5000;

const isAboutInternal = (event: ChannelEvent): boolean =>
  "channel" in event && isInternalName(event.channel.name);

export function createCallTracker(): CallTracker {
  const calls = new Map<string, TrackedCall>();
  const channels = new Map<string, TrackedChannel>();
  /** A transfer merges linkedids: under which other one a call's channels go on. */
  const mergedInto = new Map<string, TrackedCall>();
  const localsByName = new Map<string, string>();
  const graph = createChannelGraph();
  const ended = new Set<string>();

  const newCall = (linkedid: string, at: Date): TrackedCall => {
    const call: TrackedCall = {
      linkedid,
      startedAt: at,
      endedAt: undefined,
      wasConnected: false,
      channels: new Map(),
      dials: [],
      mergedWith: new Set(),
      peersOf,
      pathOf,
    };
    calls.set(linkedid, call);
    return call;
  };

  const peersOf = (uniqueid: string): readonly ChannelInCall[] =>
    [...graph.around(uniqueid)].flatMap((id) => {
      const peer = id === uniqueid ? undefined : channels.get(id);
      return peer === undefined || peer.isLocal ? [] : [peer];
    });

  const pathOf = (uniqueid: string): readonly string[] =>
    [...graph.around(uniqueid)].filter((id) => channels.get(id)?.isLocal);

  /** The channel as it is known now, added if it is new; the call is that in which it was seen first. */
  const see = (facts: ChannelFacts, at: Date): TrackedChannel => {
    const known = channels.get(facts.uniqueid);
    if (known !== undefined) {
      if (facts.linkedid !== known.call.linkedid) merge(known.call, facts.linkedid);
      if (known.number === "") known.number = facts.callerNumber;
      if (facts.callerName !== "") known.displayName = facts.callerName;
      return known;
    }
    const { linkedid } = facts;
    const call = calls.get(linkedid) ?? mergedInto.get(linkedid) ?? newCall(linkedid, at);
    const channel: TrackedChannel = {
      call,
      uniqueid: facts.uniqueid,
      name: facts.name,
      endpoint: endpointOf(facts.name),
      isLocal: isLocalName(facts.name),
      createdAt: at,
      number: facts.callerNumber,
      displayName: facts.callerName,
      dialled: "",
      dialledBy: undefined,
      onHold: false,
      holdInDoubt: false,
      isParked: false,
      mixedIn: "",
      endedAt: undefined,
    };
    channels.set(channel.uniqueid, channel);
    if (call.channels.size >= channelsRemembered) forgetAnEnded(call);
    call.channels.set(channel.uniqueid, channel);
    if (channel.isLocal) pairLocal(channel);
    return channel;
  };

  /** The channel goes on under the linkedid of another call; each keeps its own outcome. */
  const merge = (call: TrackedCall, linkedid: string): void => {
    mergedInto.set(linkedid, call);
    if (call.mergedWith.size < mergesRemembered) call.mergedWith.add(linkedid);
  };

  /** By name, since a snapshot does not tell which halves belong together. */
  const pairLocal = ({ name, uniqueid }: TrackedChannel): void => {
    localsByName.set(name, uniqueid);
    const otherHalf = localsByName.get(otherHalfOf(name));
    if (otherHalf !== undefined) graph.pairHalves(uniqueid, otherHalf);
  };

  /** The channel with which the call began stays: it says who called whom. */
  const forgetAnEnded = (call: TrackedCall): void => {
    for (const { uniqueid, endedAt } of call.channels.values()) {
      if (endedAt === undefined || uniqueid === call.linkedid) continue;
      call.channels.delete(uniqueid);
      return;
    }
  };

  /** A channel that comes in shows at birth what it dialled; one that the PBX makes shows `s`. */
  const bear = (facts: ChannelFacts, at: Date): void => {
    const isNew = !channels.has(facts.uniqueid);
    const channel = see(facts, at);
    if (isNew && facts.exten !== "s") channel.dialled = facts.exten;
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
    if (status === "ANSWER" && caller !== undefined) graph.join(caller.uniqueid, callee.uniqueid);
  };

  const rename = (channel: TrackedChannel | undefined, name: string): void => {
    if (channel === undefined) return;
    channel.name = name;
    channel.endpoint = endpointOf(name);
    channel.isLocal = isLocalName(name);
  };

  const hangUp = (channel: TrackedChannel | undefined, at: Date): void => {
    if (channel === undefined) return;
    graph.remove(channel.uniqueid);
    channel.endedAt = at;
    channels.delete(channel.uniqueid);
    if (localsByName.get(channel.name) === channel.uniqueid) localsByName.delete(channel.name);
    rememberEnded(channel.uniqueid);
    for (const other of channel.call.channels.values()) if (other.endedAt === undefined) return;
    channel.call.endedAt = at;
    calls.delete(channel.call.linkedid);
    for (const [linkedid, call] of mergedInto) if (call === channel.call) mergedInto.delete(linkedid);
  };

  const rememberEnded = (uniqueid: string): void => {
    ended.add(uniqueid);
    const [oldest = ""] = ended;
    if (ended.size > endedRemembered) ended.delete(oldest);
  };

  /**
   * A hold by a phone moves with its channel. One that a transfer by DTMF made ends when the channel is moved, and nothing
   * says so (bridge_basic.c; measured on 16 and 22).
   */
  const enterBridge = (channel: TrackedChannel, bridgeId: string, kind: BridgeKind): void => {
    graph.enterBridge(channel.uniqueid, bridgeId, kind);
    channel.isParked = kind === "holding";
    channel.mixedIn = kind === "softmix" ? bridgeId : "";
    if (channel.onHold) channel.holdInDoubt = true;
  };

  const leaveBridge = (channel: TrackedChannel): void => {
    graph.leaveBridge(channel.uniqueid);
    channel.isParked = false;
    channel.mixedIn = "";
  };

  const setHold = (channel: TrackedChannel | undefined, onHold: boolean): void => {
    if (channel === undefined) return;
    channel.onHold = onHold;
    channel.holdInDoubt = false;
  };

  const resynchronise = (present: readonly SnapshotChannel[], at: Date): Set<TrackedCall> => {
    const touched = new Set<TrackedCall>();
    for (const facts of present) {
      if (isInternalName(facts.name)) continue;
      ended.delete(facts.uniqueid);
      const isNew = !channels.has(facts.uniqueid);
      const channel = see(facts, isNew ? new Date(at.getTime() - facts.durationMs) : at);
      if (isNew && facts.uniqueid === facts.linkedid) channel.dialled = facts.exten;
      // By whom is not in the answer, but all but the first channel of a call were dialled by somebody.
      else if (isNew) channel.dialledBy = "";
      graph.part(channel.uniqueid);
      if (facts.bridgeId === "") leaveBridge(channel);
      else enterBridge(channel, facts.bridgeId, facts.bridgeKind);
      setHold(channel, facts.onHold);
      touched.add(channel.call);
    }
    const ids = new Set(present.map((facts) => facts.uniqueid));
    for (const channel of [...channels.values()]) {
      if (ids.has(channel.uniqueid)) continue;
      hangUp(channel, at);
      touched.add(channel.call);
    }
    addCallsAround(ids, touched);
    return touched;
  };

  const fold = (event: ChannelEvent): void => {
    switch (event.type) {
      case "Newchannel":
        bear(event.channel, event.at);
        break;
      case "ChannelUpdate":
        see(event.channel, event.at);
        break;
      case "Rename":
        rename(channels.get(event.uniqueid), event.newName);
        break;
      case "DialBegin":
        dialBegin(event.caller && see(event.caller, event.at), see(event.callee, event.at));
        break;
      case "DialEnd": {
        const caller = event.caller && see(event.caller, event.at);
        dialEnd(caller, see(event.callee, event.at), event.status);
        break;
      }
      case "BridgeEnter":
        enterBridge(see(event.channel, event.at), event.bridgeId, event.bridgeKind);
        break;
      case "BridgeLeave": {
        const channel = see(event.channel, event.at);
        if (graph.bridgeOf(channel.uniqueid) === event.bridgeId) leaveBridge(channel);
        break;
      }
      case "Hold":
      case "Unhold":
        setHold(see(event.channel, event.at), event.type === "Hold");
        break;
      case "HoldKnown":
        setHold(channels.get(event.uniqueid), event.onHold);
        break;
      case "RtpHeard":
        // Nothing of it is the tracker's business.
        break;
      case "LocalBridge":
        graph.pairHalves(see(event.one, event.at).uniqueid, see(event.two, event.at).uniqueid);
        break;
      case "Hangup":
        // A channel that was never heard of is not made to exist by its end.
        hangUp(channels.get(event.channel.uniqueid), event.at);
        break;
      default:
        assertNever(event);
    }
  };

  const addCallsAround = (uniqueids: Iterable<string>, to: Set<TrackedCall>): void => {
    for (const uniqueid of uniqueids) {
      const around = [...graph.around(uniqueid)].flatMap((id) => channels.get(id) ?? []);
      const isConnected = around.filter((channel) => !channel.isLocal).length > 1;
      for (const { call } of around) {
        to.add(call);
        if (isConnected) call.wasConnected = true;
      }
    }
  };

  return {
    apply(event) {
      if (event.type === "Snapshot") return [...resynchronise(event.channels, event.at)];
      const uniqueids = uniqueidsIn(event);
      if (event.type !== "Rename" && uniqueids.some((id) => ended.has(id))) return [];
      if (isAboutInternal(event)) return [];
      // A move of one channel changes what others hear: those whom it leaves, and those whom it joins.
      const touched = new Set<TrackedCall>();
      addCallsAround(uniqueids, touched);
      fold(event);
      addCallsAround(uniqueids, touched);
      return [...touched];
    },
    reach: graph.around,
    calls: () => calls.values(),
  };
}
