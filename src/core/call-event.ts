// What the core knows of the PBX: a closed union, made from AMI events at the edge (pbx/ami-events).
// Names are Asterisk's, so that a trace and the code can be read side by side.

/** What nearly every AMI event says of its channel. Empty string where Asterisk says `<unknown>`. */
export interface ChannelFacts {
  readonly uniqueid: string;
  readonly linkedid: string;
  /** `PJSIP/alice-00000001`, `Local/10@from-queue-00000002;1`. */
  readonly name: string;
  /** ChannelState 6: answered. */
  readonly up: boolean;
  readonly callerNumber: string;
  readonly callerName: string;
  readonly connectedNumber: string;
  readonly connectedName: string;
  readonly context: string;
  readonly exten: string;
}

/**
 * What a bridge does with those who are in it: `direct` passes on what one says, as it came; `softmix` makes of all who
 * speak what each one hears, as in a conference; `holding` lets each of them wait by himself, as in a parking lot.
 */
export type BridgeKind = "direct" | "softmix" | "holding";

/** A channel in the answer to CoreShowChannels, with what BridgeList and the channel itself say of it. */
export interface SnapshotChannel extends ChannelFacts {
  /** Empty while in no bridge. */
  readonly bridgeId: string;
  readonly bridgeKind: BridgeKind;
  /** Its phone has put the other side on hold. */
  readonly onHold: boolean;
  readonly durationMs: number;
}

/** DIALSTATUS; OTHER for words that a later Asterisk may invent. */
export type DialStatus =
  | "ANSWER"
  | "BUSY"
  | "NOANSWER"
  | "CANCEL"
  | "CONGESTION"
  | "CHANUNAVAIL"
  | "ABORT"
  | "OTHER";

export type CallEvent =
  | { readonly type: "Newchannel"; readonly at: Date; readonly channel: ChannelFacts }
  /** Newstate, NewCallerid, NewConnectedLine: the channel's facts are others now. */
  | { readonly type: "ChannelUpdate"; readonly at: Date; readonly channel: ChannelFacts }
  | { readonly type: "Rename"; readonly at: Date; readonly uniqueid: string; readonly newName: string }
  /** `caller` is missing where the PBX itself dials (Originate). */
  | {
      readonly type: "DialBegin";
      readonly at: Date;
      readonly caller: ChannelFacts | undefined;
      readonly callee: ChannelFacts;
    }
  | {
      readonly type: "DialEnd";
      readonly at: Date;
      readonly caller: ChannelFacts | undefined;
      readonly callee: ChannelFacts;
      readonly status: DialStatus;
    }
  | {
      readonly type: "BridgeEnter";
      readonly at: Date;
      readonly bridgeId: string;
      readonly bridgeKind: BridgeKind;
      readonly channel: ChannelFacts;
    }
  | {
      readonly type: "BridgeLeave";
      readonly at: Date;
      readonly bridgeId: string;
      readonly channel: ChannelFacts;
    }
  | { readonly type: "Hold"; readonly at: Date; readonly channel: ChannelFacts }
  | { readonly type: "Unhold"; readonly at: Date; readonly channel: ChannelFacts }
  /** The answer to a question about a hold that was in doubt. */
  | { readonly type: "HoldKnown"; readonly at: Date; readonly uniqueid: string; readonly onHold: boolean }
  /**
   * RTCP told which stream of RTP the PBX hears from the phone of this channel, and the highest sequence number of it
   * (RFC 3550: with the count of its cycles in front) that it has received.
   */
  | {
      readonly type: "RtpHeard";
      readonly at: Date;
      readonly uniqueid: string;
      readonly ssrc: number;
      readonly sequence: number;
    }
  /** The two halves of a Local channel were joined to each other: LocalOne (;1), LocalTwo (;2). */
  | {
      readonly type: "LocalBridge";
      readonly at: Date;
      readonly one: ChannelFacts;
      readonly two: ChannelFacts;
    }
  | {
      readonly type: "Hangup";
      readonly at: Date;
      readonly channel: ChannelFacts;
      /** Q.850 cause: 16 normal clearing, 17 busy, 19 no answer. */
      readonly cause: number;
    }
  /**
   * After each connect: every channel that the PBX has, others are gone. Events that arrive after the question have to be
   * applied after the answer, even if they are older.
   */
  | { readonly type: "Snapshot"; readonly at: Date; readonly channels: readonly SnapshotChannel[] };

export type ChannelEvent = Exclude<CallEvent, { type: "Snapshot" }>;

/** The channels that an event tells of. */
export function uniqueidsIn(event: ChannelEvent): readonly string[] {
  switch (event.type) {
    case "DialBegin":
    case "DialEnd":
      return event.caller === undefined
        ? [event.callee.uniqueid]
        : [event.caller.uniqueid, event.callee.uniqueid];
    case "LocalBridge":
      return [event.one.uniqueid, event.two.uniqueid];
    case "Rename":
    case "HoldKnown":
    case "RtpHeard":
      return [event.uniqueid];
    default:
      return [event.channel.uniqueid];
  }
}
