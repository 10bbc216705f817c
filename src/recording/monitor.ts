// The way of a call through the module: events → calls → decisions → plan → recorder, and at the end the one outcome.
// It decides nothing itself; it keeps, for each call that goes on, what was decided and what became of it.

import { setTimeout as sleep } from "node:timers/promises";
import { type CallFacts, type ChannelInCall, endpointOf } from "../core/call.ts";
import type { CallEvent } from "../core/call-event.ts";
import { createCallTracker } from "../core/call-tracker.ts";
import { conversationsOf, directionOf } from "../core/conversation.ts";
import type { LiveCall, LiveCallState } from "../core/live-call.ts";
import { concludeCall } from "../core/outcome.ts";
import { reason } from "../core/reason.ts";
import { decideRecording } from "../core/recording-decision.ts";
import {
  type DecidedConversation,
  isMemberOf,
  planOutside,
  planRecordings,
  type RecordingSubject,
  subjectOf,
  type Wanted,
} from "../core/recording-plan.ts";
import type { RecordingOpening } from "../journal/recordings.ts";
import {
  type CallFile,
  liveCallOf,
  noteCall,
  openCallFile,
  type RecordingRules,
  tellStory,
} from "./call-file.ts";
import type { CallLog } from "./call-log.ts";
import { isWorthAskingAgain } from "./capture.ts";
import type { Recorder } from "./recorder.ts";
import type { RecordingLog } from "./recording-log.ts";

export interface Monitor {
  apply(event: CallEvent): void;
  /** A recording of a former run goes on, on this channel: of a conversation that has left its group, perhaps. */
  follow(recording: RecordingOpening, channelName: string): void;
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
  /** Asks a channel whether its phone holds the other side. */
  readonly isOnHold: (channelName: string) => Promise<boolean>;
  readonly now: () => Date;
}

const askAgainAfterMs = 1000;

export function createMonitor(parts: MonitorParts): Monitor {
  const { recorder, callLog, log, rules, recovered, isOnHold, now } = parts;
  const tracker = createCallTracker();
  const files = new Map<string, CallFile>();
  /** Outside parties who go on to be recorded when the last member has left, by their channels. */
  const followed = new Map<string, RecordingSubject>();
  /** Channels that are being asked whether they are on hold. */
  const asked = new Set<string>();
  const closing = new Map<string, Promise<void>>();
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };

  const fileOf = (call: CallFacts): CallFile => {
    const known = files.get(call.linkedid);
    if (known !== undefined) return known;
    const file = openCallFile(call, callLog.open(call), rules());
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
      const { uniqueid } = conversation.channel;
      if (!file.decisions.get(uniqueid)?.record) file.decisions.set(uniqueid, decision);
      if (file.first !== undefined) continue;
      file.first = { conversation, at };
      file.entry.answered(conversation, at);
    }
    noteCall(file, at);
    tellStory(
      file,
      decided.map(({ conversation }) => conversation),
      at,
    );
    for (const channel of call.channels.values()) {
      if (channel.holdInDoubt) void askForHold(channel);
      finish(file, channel);
    }
    if (call.endedAt !== undefined) close(file, call.endedAt);
  };

  /** Asked until there is an answer, while the connection is up: no event may come for long. */
  const holdOf = async (channel: ChannelInCall): Promise<boolean> => {
    for (;;) {
      try {
        return await isOnHold(channel.name);
      } catch (error) {
        if (!isWorthAskingAgain(error) || channel.endedAt !== undefined) throw error;
        await sleep(askAgainAfterMs, undefined, { ref: false });
      }
    }
  };

  const askForHold = async (channel: ChannelInCall): Promise<void> => {
    const { uniqueid } = channel;
    if (asked.has(uniqueid)) return;
    asked.add(uniqueid);
    try {
      const onHold = await holdOf(channel);
      asked.delete(uniqueid);
      apply({ type: "HoldKnown", at: now(), uniqueid, onHold });
    } catch (error) {
      // The connection is lost: the next snapshot tells. Until then it counts as on hold.
      asked.delete(uniqueid);
      log.warn({ error: String(error) }, "a channel does not tell whether it is on hold");
    }
  };

  const finish = (file: CallFile, { uniqueid, endedAt }: ChannelInCall): void => {
    if (endedAt !== undefined) followed.delete(uniqueid);
    const result = endedAt && recorder.finish(uniqueid, endedAt);
    if (result === undefined) return;
    // Whether it failed is asked when the call has ended; a rejection nobody waits for yet would end the process.
    result.catch(() => undefined);
    file.results.push(result);
  };

  const carryOut = (file: CallFile, decided: readonly DecidedConversation[]): void => {
    for (const { conversation, decision } of decided)
      if (decision.record && decision.rule.afterLeaving === "record")
        for (const peer of conversation.peers)
          if (!isMemberOf(decision.rule, peer))
            followed.set(peer.uniqueid, subjectOf(conversation, decision.rule));
    const plan = new Map<string, Wanted>();
    for (const wanted of [...planOutside(file.call, followed), ...planRecordings(decided)])
      plan.set(wanted.channel.uniqueid, wanted);
    for (const wanted of plan.values()) recorder.want(file.entry, wanted);
    for (const channel of file.call.channels.values())
      if (channel.endedAt === undefined && !plan.has(channel.uniqueid))
        recorder.suspend(channel, () => file.call.peersOf(channel.uniqueid).length === 0);
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

  const hearRtp = ({ uniqueid, ssrc, sequence, at }: Extract<CallEvent, { type: "RtpHeard" }>): void => {
    for (const channel of recorder.rtpReceived(uniqueid, sequence))
      for (const file of files.values()) if (file.call.channels.has(channel)) carryOut(file, decide(file));
    const recordingIds = recorder.rtpHeard(uniqueid, ssrc, tracker.reach(uniqueid));
    if (recordingIds.length === 0) return;
    for (const file of files.values()) {
      const channel = file.call.channels.get(uniqueid);
      if (channel === undefined) continue;
      const who = file.memberOf(channel.endpoint)?.extension ?? (channel.number || channel.endpoint);
      for (const recording of recordingIds)
        file.entry.tell({ at, kind: "rtp-restarted", params: { who, recording } });
    }
  };

  const apply = (event: CallEvent): void => {
    if (event.type === "RtpHeard") {
      hearRtp(event);
      return;
    }
    const touched = tracker.apply(event);
    for (const call of touched) follow(call, event.at);
    if (event.type === "Snapshot")
      for (const call of touched)
        files.get(call.linkedid)?.entry.tell({ at: event.at, kind: "unobserved", params: {} });
    if (touched.length > 0) tell();
  };

  return {
    apply,
    follow({ channelUniqueid, ...subject }, channelName) {
      const rule = rules().rules.find(({ id }) => id === subject.ruleId);
      if (rule?.afterLeaving !== "record") return;
      const endpoint = endpointOf(channelName);
      if (!rule.members.some((member) => member.endpoints.includes(endpoint)))
        followed.set(channelUniqueid, { ...subject, rule });
    },
    liveCalls: () => [...files.values()].map((file) => liveCallOf(file, liveState(file))),
    holds: (linkedid) => files.has(linkedid) || closing.has(linkedid),
    async settled() {
      await Promise.all(closing.values());
    },
    onChange(listener) {
      listeners.add(listener);
    },
  };
}
