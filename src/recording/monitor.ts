// The way of a call through the module: events → calls → decisions → plan → recorder, and at the end the one outcome.
// It decides nothing itself; it keeps, for each call that goes on, what was decided and what became of it.

import type { CallFacts, ChannelInCall } from "../core/call.ts";
import type { CallEvent } from "../core/call-event.ts";
import { createCallTracker } from "../core/call-tracker.ts";
import { type Conversation, conversationsOf, directionOf, type MemberOf } from "../core/conversation.ts";
import type { LiveCall, LiveCallState } from "../core/live-call.ts";
import { concludeCall, type RecordingResult } from "../core/outcome.ts";
import { reason } from "../core/reason.ts";
import { type Decision, decideRecording, indexMembers } from "../core/recording-decision.ts";
import { type DecidedConversation, planRecordings } from "../core/recording-plan.ts";
import type { Dialling, Rule } from "../core/rule.ts";
import type { CallEntry, CallLog } from "./call-log.ts";
import type { Recorder } from "./recorder.ts";
import type { RecordingLog } from "./recording-log.ts";

export interface RecordingRules {
  readonly rules: readonly Rule[];
  readonly dialling: Dialling;
}

export interface Monitor {
  apply(event: CallEvent): void;
  liveCalls(): readonly LiveCall[];
  /** Whether the call goes on, or is just being given its outcome. */
  holds(linkedid: string): boolean;
  /** Resolves when every call that has ended so far has its outcome written. */
  settled(): Promise<void>;
  onChange(listener: () => void): void;
}

export interface MonitorParts {
  readonly recorder: Recorder;
  readonly callLog: CallLog;
  readonly log: RecordingLog;
  readonly rules: () => RecordingRules;
  /** Resolves when no recording of the call is left from a former run of the module. */
  readonly recovered: (callId: string) => Promise<void>;
}

/** What is remembered of a call while it goes on. */
interface CallFile {
  readonly call: CallFacts;
  readonly entry: CallEntry;
  id: string;
  /** The rules that were in force when the call was first seen; they stay its rules. */
  readonly rules: RecordingRules;
  readonly memberOf: MemberOf;
  /** The first decision about each member's channel, in the order in which they spoke. */
  readonly decisions: Map<string, Decision>;
  readonly results: Promise<RecordingResult | undefined>[];
  first: { readonly conversation: Conversation; readonly at: Date } | undefined;
}

export function createMonitor({ recorder, callLog, log, rules, recovered }: MonitorParts): Monitor {
  const tracker = createCallTracker();
  const files = new Map<string, CallFile>();
  const closing = new Map<string, Promise<void>>();
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  const fileOf = (call: CallFacts): CallFile => {
    const known = files.get(call.linkedid);
    if (known !== undefined) return known;
    const inForce = rules();
    const file: CallFile = {
      call,
      entry: callLog.open(call),
      id: "",
      rules: inForce,
      memberOf: indexMembers(inForce.rules),
      decisions: new Map(),
      results: [],
      first: undefined,
    };
    file.entry.id.then(
      (id) => {
        file.id = id;
      },
      () => undefined,
    );
    files.set(call.linkedid, file);
    return file;
  };

  const decide = (file: CallFile): readonly DecidedConversation[] =>
    conversationsOf(file.call, file.memberOf, file.rules.dialling).map((conversation) => ({
      conversation,
      decision: decideRecording(conversation, file.rules.rules),
    }));

  const follow = (call: CallFacts, at: Date): void => {
    const file = fileOf(call);
    const decided = decide(file);
    // First of all: until Asterisk is asked, every millisecond of what is said is lost.
    carryOut(file, decided);
    for (const { conversation, decision } of decided) {
      if (!file.decisions.has(conversation.channel.uniqueid))
        file.decisions.set(conversation.channel.uniqueid, decision);
      if (file.first !== undefined) continue;
      file.first = { conversation, at };
      file.entry.answered(conversation, at);
    }
    for (const channel of call.channels.values()) finish(file, channel);
    if (call.endedAt !== undefined) close(file, call.endedAt);
  };

  const finish = (file: CallFile, { uniqueid, endedAt }: ChannelInCall): void => {
    const result = endedAt && recorder.finish(uniqueid, endedAt);
    if (result === undefined) return;
    // Whether it failed is asked when the call has ended; a rejection nobody waits for yet would end the process.
    result.catch(() => undefined);
    file.results.push(result);
  };

  const carryOut = (file: CallFile, decided: readonly DecidedConversation[]): void => {
    const plan = planRecordings(decided);
    const planned = new Set(plan.map((wanted) => wanted.channel.uniqueid));
    for (const wanted of plan) recorder.want(file.entry, wanted);
    for (const channel of file.call.channels.values())
      if (channel.endedAt === undefined && !planned.has(channel.uniqueid)) recorder.suspend(channel);
  };

  const close = (file: CallFile, endedAt: Date): void => {
    const { linkedid } = file.call;
    files.delete(linkedid);
    // A late channel can open a call again under the linkedid of one that is still being closed.
    const closed = Promise.all([closing.get(linkedid), conclude(file, endedAt)])
      .then(() => undefined)
      .catch((error: unknown) =>
        log.warn({ error: String(error) }, "call not closed, left to the next start"),
      )
      .finally(() => {
        if (closing.get(linkedid) === closed) closing.delete(linkedid);
      });
    closing.set(linkedid, closed);
  };

  const conclude = async (file: CallFile, endedAt: Date): Promise<void> => {
    const results = await Promise.all(file.results);
    await recovered(await file.entry.id);
    const outcome = concludeCall({
      call: file.call,
      decisions: [...file.decisions.values()],
      results: [...results.filter((result) => result !== undefined), ...(await file.entry.results())],
    });
    const direction = directionOf(file.call, file.rules.dialling);
    await file.entry.closed({ endedAt, outcome, direction });
    log.info({ callId: file.id, outcome: outcome.kind, reason: outcome.reason.code }, "call ended");
    tell();
  };

  const liveState = (file: CallFile): LiveCallState => {
    const captures = [...file.call.channels.keys()].flatMap((id) => recorder.captureOf(id) ?? []);
    if (captures.some((capture) => capture.state === "running")) return { kind: "recording" };
    for (const capture of captures) {
      if (capture.state === "failed") return { kind: "failed", reason: capture.reason };
      if (capture.state === "doubtful") return { kind: "failed", reason: reason("pbx-connection-lost") };
    }
    const [decision] = file.decisions.values();
    if (decision === undefined) return { kind: "ringing" };
    return decision.record ? { kind: "suspended" } : { kind: "not-recorded", reason: decision.reason };
  };

  recorder.onChange(tell);

  return {
    apply(event) {
      for (const call of tracker.apply(event)) follow(call, event.at);
      tell();
    },
    liveCalls: () => [...files.values()].map((file) => liveCall(file, liveState(file))),
    holds: (linkedid) => files.has(linkedid) || closing.has(linkedid),
    async settled() {
      await Promise.all(closing.values());
    },
    onChange(listener) {
      listeners.add(listener);
    },
  };
}

function liveCall({ id, call, first }: CallFile, state: LiveCallState): LiveCall {
  const originator = call.channels.get(call.linkedid);
  const conversation = first?.conversation;
  return {
    id,
    startedAt: call.startedAt,
    answeredAt: first?.at,
    direction: conversation?.direction,
    fromNumber: conversation?.from.number ?? originator?.number ?? "",
    fromName: conversation?.from.name ?? originator?.displayName ?? "",
    toNumber: conversation?.to.number ?? originator?.dialled ?? "",
    memberExtension: conversation?.member.extension,
    state,
  };
}
