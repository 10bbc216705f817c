// From AMI's words to the core's: each wanted AMI event becomes a CallEvent, and whatever cannot be one (a header is
// missing, a later Asterisk changed its mind) is counted and left out. This is the edge where headers are checked.
import type { BridgeKind, CallEvent, ChannelFacts, DialStatus } from "../core/call-event.ts";
import type { AmiEvent, AmiRecord } from "./ami-message.ts";
import { createBoundedWarning, type PbxLog } from "./bounded-warning.ts";
import { nameText, numberText } from "./caller-text.ts";
import type { Clock } from "./clock.ts";

export interface CallEventReader {
  /** Undefined for an event that is not wanted or not usable. */
  read(event: AmiEvent): CallEvent | undefined;
  /** How many wanted events could not be used. Anything but 0 is worth a look. */
  readonly unusable: number;
}

export function createCallEventReader({ log, clock }: { log: PbxLog; clock: Clock }): CallEventReader {
  const warn = createBoundedWarning({ log, clock, message: "an AMI event could not be used" });
  let unusable = 0;
  return {
    read: (event) => {
      const callEvent = callEventOf(event, clock.now());
      if (callEvent === undefined && callEvents.has(event.Event) && !isEmptyReport(event)) {
        unusable += 1;
        // Header names only: the values hold telephone numbers.
        warn({ event: event.Event, headers: Object.keys(event).slice(0, 50) });
      }
      return callEvent;
    },
    get unusable() {
      return unusable;
    },
  };
}

/** RTCP about a stream of which nothing was received yet. */
const isEmptyReport = (event: AmiEvent): boolean =>
  event.Event === "RTCPSent" && event.Report0SourceSSRC === undefined;

type Read = (event: AmiEvent, at: Date) => CallEvent | undefined;

const channelUpdate: Read = (event, at) =>
  withChannel(event, (channel) => ({ type: "ChannelUpdate", at, channel }));

const readers: Readonly<Record<string, Read>> = {
  Newchannel: (event, at) => withChannel(event, (channel) => ({ type: "Newchannel", at, channel })),
  Newstate: channelUpdate,
  NewCallerid: channelUpdate,
  NewConnectedLine: channelUpdate,
  Hold: (event, at) => withChannel(event, (channel) => ({ type: "Hold", at, channel })),
  Unhold: (event, at) => withChannel(event, (channel) => ({ type: "Unhold", at, channel })),
  Hangup: (event, at) =>
    withChannel(event, (channel) => ({
      type: "Hangup",
      at,
      channel,
      cause: Number.parseInt(event.Cause ?? "", 10) || 0,
    })),
  Rename: (event, at) => {
    const { Uniqueid: uniqueid, Newname: newName } = event;
    return uniqueid && newName ? { type: "Rename", at, uniqueid, newName } : undefined;
  },
  DialBegin: (event, at) => {
    const callee = channelFacts(event, prefixed.Dest);
    return callee && { type: "DialBegin", at, caller: channelFacts(event, prefixed.none), callee };
  },
  DialEnd: (event, at) => {
    const callee = channelFacts(event, prefixed.Dest);
    // Who sends the caller elsewhere has not answered, whatever else stands in what he sends.
    const status =
      event.Forward === undefined ? (dialStatuses.get(event.DialStatus ?? "") ?? "OTHER") : "CANCEL";
    return callee && { type: "DialEnd", at, caller: channelFacts(event, prefixed.none), callee, status };
  },
  BridgeEnter: (event, at) =>
    withBridge(event, (bridgeId, channel) => ({
      type: "BridgeEnter",
      at,
      bridgeId,
      bridgeKind: bridgeKindOf(event),
      channel,
    })),
  BridgeLeave: (event, at) =>
    withBridge(event, (bridgeId, channel) => ({ type: "BridgeLeave", at, bridgeId, channel })),
  RTCPSent: (event, at) => {
    const { Uniqueid: uniqueid = "", Report0SourceSSRC: ssrc = "" } = event;
    const { Report0HighestSequence: highest = "", Report0SequenceNumberCycles: cycles = "" } = event;
    if (!/^0x[0-9a-f]{1,8}$/.test(ssrc) || !/^\d{1,5}$/.test(highest)) return undefined;
    const sequence = (Number.parseInt(cycles, 10) || 0) * 0x1_0000 + Number(highest);
    return { type: "RtpHeard", at, uniqueid, ssrc: Number(ssrc), sequence };
  },
  LocalBridge: (event, at) => {
    const one = channelFacts(event, prefixed.LocalOne);
    const two = channelFacts(event, prefixed.LocalTwo);
    return one && two && { type: "LocalBridge", at, one, two };
  },
};

/** The kinds are technologies of their own (bridge_holding.c, bridge_softmix.c); all others pass frames on. */
export function bridgeKindOf({ BridgeTechnology: technology }: AmiRecord): BridgeKind {
  if (technology === "holding_bridge") return "holding";
  return technology === "softmix" ? "softmix" : "direct";
}

const callEvents: ReadonlyMap<string, Read> = new Map(Object.entries(readers));

/** The names to let through the filter of the connection. */
export const callEventNames: ReadonlySet<string> = new Set(callEvents.keys());

/** `at` is the time of arrival: AMI events carry no time of their own unless manager.conf says so. */
export function callEventOf(event: AmiEvent, at: Date): CallEvent | undefined {
  return callEvents.get(event.Event)?.(event, at);
}

const dialStatuses = new Map<string, DialStatus>(
  (["ANSWER", "BUSY", "NOANSWER", "CANCEL", "CONGESTION", "CHANUNAVAIL", "ABORT"] as const).map((status) => [
    status,
    status,
  ]),
);

function withChannel<T>(event: AmiEvent, make: (channel: ChannelFacts) => T): T | undefined {
  const channel = channelFacts(event, prefixed.none);
  return channel && make(channel);
}

function withBridge<T>(event: AmiEvent, make: (bridgeId: string, channel: ChannelFacts) => T): T | undefined {
  const channel = channelFacts(event, prefixed.none);
  const bridgeId = event.BridgeUniqueid;
  return channel && bridgeId ? make(bridgeId, channel) : undefined;
}

/** Names of the headers of one channel, made once: the same in every event but for a prefix (`Dest`, `LocalOne`). */
interface ChannelHeaders {
  readonly [fact: string]: string;
  readonly uniqueid: string;
  readonly linkedid: string;
  readonly name: string;
  readonly state: string;
  readonly callerNumber: string;
  readonly callerName: string;
  readonly connectedNumber: string;
  readonly connectedName: string;
  readonly context: string;
  readonly exten: string;
}

function channelHeaders(prefix: string): ChannelHeaders {
  return {
    uniqueid: `${prefix}Uniqueid`,
    linkedid: `${prefix}Linkedid`,
    name: `${prefix}Channel`,
    state: `${prefix}ChannelState`,
    callerNumber: `${prefix}CallerIDNum`,
    callerName: `${prefix}CallerIDName`,
    connectedNumber: `${prefix}ConnectedLineNum`,
    connectedName: `${prefix}ConnectedLineName`,
    context: `${prefix}Context`,
    exten: `${prefix}Exten`,
  };
}

const prefixed = {
  none: channelHeaders(""),
  Dest: channelHeaders("Dest"),
  LocalOne: channelHeaders("LocalOne"),
  LocalTwo: channelHeaders("LocalTwo"),
};

const channelStateUp = "6";

/** Undefined where the record speaks of no channel. */
export function channelFacts(record: AmiRecord, headers = prefixed.none): ChannelFacts | undefined {
  const uniqueid = known(record[headers.uniqueid]);
  const linkedid = known(record[headers.linkedid]);
  const name = known(record[headers.name]);
  if (uniqueid === "" || linkedid === "" || name === "") return undefined;
  return {
    uniqueid,
    linkedid,
    name,
    up: record[headers.state] === channelStateUp,
    callerNumber: numberText(known(record[headers.callerNumber])),
    callerName: nameText(known(record[headers.callerName])),
    connectedNumber: numberText(known(record[headers.connectedNumber])),
    connectedName: nameText(known(record[headers.connectedName])),
    context: known(record[headers.context]),
    exten: numberText(known(record[headers.exten])),
  };
}

function known(value: string | undefined): string {
  return value === undefined || value === "<unknown>" ? "" : value;
}
