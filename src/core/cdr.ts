// A call detail record as the PBX writes it: who was connected with whom, seen by the billing side of Asterisk. What it
// means for the ledger is decided in reconciliation.

import { endpointOf, isLocalName } from "./call.ts";

export interface Cdr {
  /** Of `channel`; empty where the PBX does not write it. */
  readonly uniqueid: string;
  /** Empty where the PBX does not write it. */
  readonly linkedid: string;
  /** `PJSIP/alice-00000001`: party A, who was there first. */
  readonly channel: string;
  /** Party B; empty where there was none: an announcement, a conference that one is alone in, a retrieved parked call. */
  readonly dstChannel: string;
  readonly source: string;
  readonly destination: string;
  /** The last application on party A's channel, as `Dial`, `Queue`, `ConfBridge`. */
  readonly lastApp: string;
  /** Whole seconds, cut off and not rounded, as all times in a CDR. */
  readonly startedAt: Date;
  /**
   * When party A's channel was answered, which an announcement or a queue does long before a person does; undefined where
   * nobody answered.
   */
  readonly answeredAt: Date | undefined;
  readonly endedAt: Date;
  /** `billsec`: from `answeredAt` to the end. */
  readonly answeredSeconds: number;
  /** `ANSWERED`, `NO ANSWER`, `BUSY`, `FAILED`, `CONGESTION`. */
  readonly disposition: string;
}

export const isAnswered = ({ disposition, answeredSeconds }: Cdr): boolean =>
  disposition === "ANSWERED" && answeredSeconds > 0;

/** The endpoints of a CDR whose parties are two real channels; nobody listens or speaks at a Local one. */
export function endpointsOf({ channel, dstChannel }: Cdr): readonly [string, string] | undefined {
  if (channel === "" || dstChannel === "" || isLocalName(channel) || isLocalName(dstChannel))
    return undefined;
  return [endpointOf(channel), endpointOf(dstChannel)];
}

/** Of people who came together in a room, each by a call of his own; `channel` is who came first. */
export const isOfConference = ({ lastApp }: Cdr): boolean => lastApp === "ConfBridge" || lastApp === "MeetMe";

/** The same from the other side: a conference has one CDR for two people, and it belongs to the first one's call. */
export const seenFromOther = (cdr: Cdr): Cdr => ({
  ...cdr,
  channel: cdr.dstChannel,
  dstChannel: cdr.channel,
});
