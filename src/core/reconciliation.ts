// Compares the ledger with the PBX's own CDRs and names what does not agree. It takes one story at a time: a call with
// all that it was merged with, since a CDR keeps the linkedid under which it began, and the recording may be in another.
//
// What CDRs say was measured on Asterisk 16.28 and 22.10, with the same result unless said otherwise:
// - Ring group, queue: one CDR for each phone that rang; those of the losers are NO ANSWER. A queue answers the caller
//   at once, so `billsec` counts his waiting as well, and a caller who gave up there is NO ANSWER with a billsec.
// - Unanswered calls have a CDR for each phone that rang. With `unanswered = no`, the default, there is none where only
//   one channel was there, and so none for calls to nobody, or for a phone that the PBX rang by itself.
// - Announcement, conference that one is alone in: ANSWERED, without party B. Of two in a conference the one who came
//   first is party A, of three each pair has a CDR; those who came later have one of their own without party B.
// - Blind transfer, by REFER, DTMF or AMI: one CDR for each peer, all under the caller's uniqueid and linkedid. Attended
//   transfer by DTMF: seven CDRs under the call's linkedid, those with Local channels among them. By REFER: the
//   consultation keeps its own linkedid, the CDR of caller and new peer has that of the first call.
// - Pickup: the CDR of caller and taker is under the caller's linkedid; what the taker dialled has none. The group's kind
//   says ANSWERED, 0 s for the phone that rang.
// - Park: one CDR for each peer, and one without party B for the time in the lot, all under the caller's linkedid; that of
//   the taker has his uniqueid and the caller's linkedid. Call forward: the same, with Local channels of 0 s.
// - Local channels that were optimised away leave CDRs of 0 s and one of the two real channels, party A being either of
//   them; those that stay (`/n`) leave CDRs with a Local channel on one side.
// - The consultation time and the digits of a transfer by DTMF are within the CDR of caller and member.

import { type Cdr, endpointsOf, isAnswered, isOfConference } from "./cdr.ts";
import type { CutOff, OutcomeKind } from "./outcome.ts";
import { decideRecording, indexMembers } from "./recording-decision.ts";
import type { Dialling, Direction, Member, Rule } from "./rule.ts";
import { type Span, totalMs, united, without } from "./span.ts";
import type { TimelineEntry } from "./timeline.ts";

export type DifferenceKind =
  /** The PBX has CDRs of a call that the ledger does not know: {from}, {to}. */
  | "not-in-ledger"
  /** The ledger has a call of which the PBX has no CDR: {from}, {to}. */
  | "no-cdr"
  /** All CDRs of the call have ended, but it has no outcome. */
  | "no-outcome"
  /** {member} talked for {seconds} s, and the ledger knows of no conversation. */
  | "no-conversation"
  /** {member} talked for {seconds} s, which rule {rule} wants to have recorded; there is no recording. */
  | "no-recording"
  /** It is recorded, and the CDRs say that nobody answered. */
  | "nobody-answered"
  /** Of {seconds} s that were due {recordedSeconds} s are recorded. */
  | "recorded-too-short";

export interface Difference {
  readonly kind: DifferenceKind;
  /** Undefined where the ledger has no such call. */
  readonly callId: string | undefined;
  readonly linkedid: string;
  readonly startedAt: Date;
  readonly params: Readonly<Record<string, string | number>>;
}

export interface LedgerCall {
  readonly id: string;
  readonly linkedid: string;
  readonly startedAt: Date;
  /** When a member was first connected with somebody. */
  readonly answeredAt: Date | undefined;
  readonly endedAt: Date | undefined;
  readonly from: string;
  readonly to: string;
  readonly outcome: OutcomeKind | undefined;
  readonly reasonCode: string | undefined;
  /** The running module holds it: it goes on, or is just being given its outcome. */
  readonly isLive: boolean;
}

export interface LedgerRecording {
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
  readonly durationMs: number;
  readonly cutOff: CutOff | undefined;
}

export interface Story {
  /** Oldest first. */
  readonly calls: readonly LedgerCall[];
  /** Those that did not fail. */
  readonly recordings: readonly LedgerRecording[];
  readonly timeline: readonly TimelineEntry[];
  readonly cdrs: readonly Cdr[];
}

export interface Measure {
  /** As they were in force when the story began. */
  readonly rules: readonly Rule[];
  readonly dialling: Dialling;
  /** The first CDR that could be read: what was before is not judged. */
  readonly cdrsFrom: Date;
  /** What ended later may not be written yet, on either side. */
  readonly settledBefore: Date;
}

/** A CDR has whole seconds, the first words of a transfer are within it, and 5 s are not "far shorter". */
const toleranceMs = 5_000;
const toleratedShare = 0.1;

export interface Verdict {
  /** False where the PBX or the module may have more to write: look again later. */
  readonly settled: boolean;
  readonly differences: readonly Difference[];
}

export function reconcile(story: Story, measure: Measure): Verdict {
  const [first] = story.calls;
  const open = withoutOutcome(story, measure);
  if (first === undefined || open.length > 0) return { settled: true, differences: open };
  const goesOn = story.calls.some((call) => call.outcome === undefined || call.isLive);
  if (goesOn || endOf(story) >= measure.settledBefore) return { settled: false, differences: [] };
  const differences =
    story.cdrs.length === 0
      ? withoutCdr(story, first, measure)
      : [...unansweredButRecorded(story), ...missing(story, first, measure)];
  return { settled: true, differences };
}

const difference = (
  kind: DifferenceKind,
  call: LedgerCall,
  params: Difference["params"] = {},
): Difference => ({ kind, callId: call.id, linkedid: call.linkedid, startedAt: call.startedAt, params });

const latest = (dates: readonly (Date | undefined)[]): Date =>
  new Date(Math.max(0, ...dates.map((date) => date?.getTime() ?? 0)));

const endOf = ({ calls, cdrs }: Story): Date =>
  latest([...calls.map((call) => call.endedAt), ...cdrs.map((cdr) => cdr.endedAt)]);

function withoutOutcome({ calls, cdrs }: Story, { settledBefore }: Measure): Difference[] {
  const ended = latest(cdrs.map((cdr) => cdr.endedAt));
  if (cdrs.length === 0 || ended >= settledBefore) return [];
  return calls
    .filter((call) => call.outcome === undefined && !call.isLive)
    .map((call) => difference("no-outcome", call));
}

/** Of calls that nobody answered the PBX may keep none, see above. */
const leavesCdr = ({ outcome, answeredAt, reasonCode }: LedgerCall): boolean =>
  outcome !== "not-due" || answeredAt !== undefined || reasonCode === "no-member";

function withoutCdr({ calls }: Story, first: LedgerCall, { cdrsFrom }: Measure): Difference[] {
  if (first.startedAt < cdrsFrom || !calls.some(leavesCdr)) return [];
  return [difference("no-cdr", first, { from: first.from, to: first.to })];
}

function unansweredButRecorded({ calls, cdrs }: Story): Difference[] {
  const recorded = calls.find((call) => call.outcome === "recorded");
  const isUnanswered = cdrs.every((cdr) => cdr.disposition !== "ANSWERED");
  return recorded !== undefined && isUnanswered ? [difference("nobody-answered", recorded)] : [];
}

/** A CDR that shows a member in conversation; `rule` is the one that wants it recorded, if any does. */
interface Talk {
  readonly member: Member;
  readonly rule: Rule | undefined;
  readonly span: Span;
  readonly seconds: number;
}

function missing(story: Story, first: LedgerCall, measure: Measure): Difference[] {
  const { calls, recordings } = story;
  // There the ledger itself says that something is missing.
  if (calls.some(({ outcome }) => outcome === "failed" || outcome === "declined")) return [];
  const answered = calls.flatMap((call) => call.answeredAt?.getTime() ?? []);
  const firstAnswer = answered.length === 0 ? undefined : Math.min(...answered);
  const talks = talksIn(story, firstAnswer, measure);
  const [talk] = talks;
  if (talk === undefined) return [];
  if (firstAnswer === undefined)
    return [difference("no-conversation", first, { member: talk.member.extension, seconds: talk.seconds })];
  const due = talks.filter(({ rule }) => rule !== undefined);
  const unrecorded = due.filter(({ span }) => !recordings.some((recording) => touches(recording, span)));
  if (unrecorded.length > 0)
    return unrecorded.map(({ member, rule, seconds }) =>
      difference("no-recording", first, { member: member.extension, seconds, rule: rule?.name ?? "" }),
    );
  return tooShort(story, first, due);
}

/** A CDR does not tell its times better than this. */
const cdrGrainMs = 1000;

/** A recording of the talk, and not one that ended as it began. */
function touches({ startedAt, endedAt }: LedgerRecording, { fromMs, toMs }: Span): boolean {
  const [recordedFrom, recordedTo] = [startedAt.getTime(), endedAt?.getTime() ?? toMs];
  if (recordedFrom >= toMs + cdrGrainMs || recordedTo <= fromMs - cdrGrainMs) return false;
  // Its end is cut to a whole second, so it was up to that much later.
  const sharedMs = Math.min(toMs + cdrGrainMs, recordedTo) - Math.max(fromMs, recordedFrom);
  // The talk may be far shorter than its CDR, which begins with the ringing where the caller had been answered before.
  return sharedMs >= Math.min(cdrGrainMs, toMs - fromMs - cdrGrainMs, (recordedTo - recordedFrom) / 2);
}

function talksIn({ cdrs }: Story, firstAnswer: number | undefined, measure: Measure): Talk[] {
  const memberOf = indexMembers(measure.rules);
  return cdrs.flatMap((cdr) => {
    const endpoints = isAnswered(cdr) ? endpointsOf(cdr) : undefined;
    if (endpoints === undefined) return [];
    const [member] = own(cdr, endpoints).flatMap((endpoint) => memberOf(endpoint) ?? []);
    if (member === undefined) return [];
    const answeredAt = (cdr.answeredAt ?? cdr.startedAt).getTime();
    // What a queue or an announcement answered is no talk yet.
    const span = { fromMs: Math.max(answeredAt, firstAnswer ?? 0), toMs: cdr.endedAt.getTime() };
    if (span.toMs <= span.fromMs) return [];
    const rule = ruleFor(cdr, endpoints, measure);
    return [{ member, rule, span, seconds: Math.round((span.toMs - span.fromMs) / 1000) }];
  });
}

/** Whose talk a CDR is: of both; in a conference of the first, the other has a call of his own. */
const own = (cdr: Cdr, [a, b]: readonly [string, string]): readonly string[] =>
  isOfConference(cdr) ? [a] : [a, b];

/** The rule that wants this recorded, whichever of the two is a member, and whichever direction the CDR leaves open. */
function ruleFor(cdr: Cdr, endpoints: readonly [string, string], measure: Measure): Rule | undefined {
  const { rules, dialling } = measure;
  for (const endpoint of own(cdr, endpoints)) {
    const decisions = directionsOf(cdr, endpoints, dialling).map((direction) =>
      decideRecording({ channel: { endpoint }, direction }, rules),
    );
    const [first] = decisions;
    if (first?.record && decisions.every((decision) => decision.record)) return first.rule;
  }
  return undefined;
}

function directionsOf(cdr: Cdr, [a, b]: readonly [string, string], { trunks }: Dialling): Direction[] {
  if (!trunks.includes(a) && !trunks.includes(b)) return ["internal"];
  // Who met in a conference may have called or have been called.
  if (cdr.lastApp !== "Dial" && cdr.lastApp !== "Queue") return ["incoming", "outgoing"];
  return [trunks.includes(a) ? "incoming" : "outgoing"];
}

function tooShort(story: Story, first: LedgerCall, due: readonly Talk[]): Difference[] {
  const { recordings, timeline } = story;
  if (recordings.some(({ cutOff }) => cutOff !== undefined)) return [];
  const explained = explainedIn(timeline, endOf(story).getTime());
  const dueMs = totalMs(without(united(due.map(({ span }) => span)), explained));
  const recordedMs = recordings.reduce((sum, { durationMs }) => sum + durationMs, 0);
  if (dueMs - recordedMs <= toleranceMs + toleratedShare * dueMs + cdrGrainMs * due.length) return [];
  const seconds = Math.round(dueMs / 1000);
  return [
    difference("recorded-too-short", first, { seconds, recordedSeconds: Math.round(recordedMs / 1000) }),
  ];
}

/** What the timeline says was not to be recorded, or not seen: from one entry to the one that ends it. */
function explainedIn(timeline: readonly TimelineEntry[], endMs: number): readonly Span[] {
  const began = new Map<TimelineEntry["kind"], number>();
  const spans: Span[] = [];
  const end = (kind: TimelineEntry["kind"], toMs: number): void => {
    const fromMs = began.get(kind);
    if (fromMs !== undefined) spans.push({ fromMs, toMs });
    began.delete(kind);
  };
  for (const { at, kind } of timeline) {
    const atMs = at.getTime();
    if ((kind === "hold" || kind === "parked" || kind === "left") && !began.has(kind)) began.set(kind, atMs);
    else if (kind === "resume") end("hold", atMs);
    else if (kind === "unparked") end("parked", atMs);
    else if (kind === "talk") for (const ended of ["left", "parked", "hold"] as const) end(ended, atMs);
    else if (kind === "unobserved" || kind === "rtp-restarted") spans.push({ fromMs: 0, toMs: atMs });
  }
  for (const kind of [...began.keys()]) end(kind, endMs);
  return united(spans);
}

/** The CDRs of a call that the ledger does not have, put together. */
export interface UnknownCall {
  readonly linkedid: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly source: string;
  readonly destination: string;
}

/** `ledgerFrom`: the first call that the ledger ever had; what was before, the module was not there to see. */
export function reconcileUnknown(
  { linkedid, startedAt, endedAt, source, destination }: UnknownCall,
  { settledBefore, ledgerFrom }: { readonly settledBefore: Date; readonly ledgerFrom: Date | undefined },
): Verdict {
  if (endedAt >= settledBefore) return { settled: false, differences: [] };
  // A CDR's second may have begun before the call's millisecond.
  if (ledgerFrom === undefined || startedAt.getTime() < ledgerFrom.getTime() - 1000)
    return { settled: true, differences: [] };
  const params = { from: source, to: destination };
  return {
    settled: true,
    differences: [{ kind: "not-in-ledger", callId: undefined, linkedid, startedAt, params }],
  };
}
