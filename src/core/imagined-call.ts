// What would become of a call that was never made: who calls whom, and the same code that decides about real calls says
// whether it is recorded, by which rule, or why not.

import type { CallFacts, ChannelInCall } from "./call.ts";
import { conversationsOf } from "./conversation.ts";
import { concludeCall, type Outcome } from "./outcome.ts";
import { type Decision, decideRecording, indexMembers } from "./recording-decision.ts";
import { planRecordings } from "./recording-plan.ts";
import type { Dialling, Direction, Member, Rule } from "./rule.ts";

export type ImaginedParty =
  | { readonly kind: "member"; readonly member: Member }
  /** An extension of this PBX that belongs to no group. */
  | { readonly kind: "inside"; readonly number: string }
  /** Reached by a trunk. */
  | { readonly kind: "outside"; readonly number: string };

export interface ImaginedCall {
  readonly from: ImaginedParty;
  readonly to: ImaginedParty;
}

export interface Explanation {
  readonly direction: Direction;
  /** About each member who takes part, as he would be asked about; empty where none does. */
  readonly decisions: readonly { readonly member: Member; readonly decision: Decision }[];
  /** As the ledger would have it, if the call is answered and nothing fails. */
  readonly outcome: Outcome;
}

/** `dialling` has to name the trunk by which an outside party comes; without any, the PBX takes everybody for inside. */
export function explainImagined(
  { from, to }: ImaginedCall,
  rules: readonly Rule[],
  dialling: Dialling,
): Explanation {
  const caller = imaginedChannel(from, "from", undefined, dialling);
  const called = imaginedChannel(to, "to", caller.uniqueid, dialling);
  const call = answered({ ...caller, dialled: numberOf(to) }, called);
  const decided = conversationsOf(call, indexMembers(rules), dialling).map((conversation) => ({
    conversation,
    decision: decideRecording(conversation, rules),
  }));
  const recorded = planRecordings(decided).filter(({ heard }) => heard.length > 0);
  const isOutside = ({ endpoint }: ChannelInCall): boolean => dialling.trunks.includes(endpoint);
  return {
    direction: isOutside(caller) ? "incoming" : isOutside(called) ? "outgoing" : "internal",
    decisions: decided.map(({ conversation, decision }) => ({ member: conversation.member, decision })),
    outcome: concludeCall({
      call,
      decisions: decided.map(({ decision }) => decision),
      results: recorded.map(({ subject }) => ({ state: "finished", ruleName: subject.rule.name })),
    }),
  };
}

/**
 * Who is meant by a number: a member by his extension, and everybody outside whose number is longer than any extension,
 * since no list of the PBX's other extensions is to be had. Without trunks nobody is outside.
 */
export function partyBehind(number: string, rules: readonly Rule[], dialling: Dialling): ImaginedParty {
  const members = rules.flatMap((rule) => rule.members);
  const member = members.find(({ extension }) => extension === number);
  if (member !== undefined) return { kind: "member", member };
  const longest = Math.max(0, ...members.map(({ extension }) => extension.length));
  const isExtension = dialling.trunks.length === 0 || number.length <= longest;
  return { kind: isExtension ? "inside" : "outside", number };
}

const numberOf = (party: ImaginedParty): string =>
  party.kind === "member" ? party.member.extension : party.number;

function imaginedChannel(
  party: ImaginedParty,
  uniqueid: "from" | "to",
  dialledBy: string | undefined,
  { trunks }: Dialling,
): ChannelInCall {
  const inside = `Imagined/${uniqueid}`;
  const endpoint =
    party.kind === "member"
      ? (party.member.endpoints[0] ?? inside)
      : party.kind === "outside"
        ? (trunks[0] ?? inside)
        : inside;
  return {
    uniqueid,
    name: `${endpoint}-00000000`,
    endpoint,
    isLocal: false,
    createdAt: new Date(0),
    number: numberOf(party),
    displayName: "",
    dialled: "",
    dialledBy,
    onHold: false,
    holdInDoubt: false,
    isParked: false,
    mixedIn: "",
    endedAt: undefined,
  };
}

function answered(caller: ChannelInCall, called: ChannelInCall): CallFacts {
  return {
    linkedid: caller.uniqueid,
    startedAt: caller.createdAt,
    endedAt: undefined,
    channels: new Map([
      [caller.uniqueid, caller],
      [called.uniqueid, called],
    ]),
    dials: [{ callee: called.uniqueid, status: "ANSWER" }],
    wasConnected: true,
    mergedWith: new Set(),
    peersOf: (uniqueid) => [uniqueid === caller.uniqueid ? called : caller],
    pathOf: () => [],
  };
}
