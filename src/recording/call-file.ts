// What is remembered of a call while it goes on, and what of it goes into the journal as it happens.

import type { CallFacts } from "../core/call.ts";
import {
  atTheBeginning,
  changesBetween,
  rememberedOf,
  type Situations,
  situationsOf,
} from "../core/call-story.ts";
import type { Conversation, MemberOf } from "../core/conversation.ts";
import type { LiveCall, LiveCallState } from "../core/live-call.ts";
import type { RecordingResult } from "../core/outcome.ts";
import { type Decision, indexMembers } from "../core/recording-decision.ts";
import type { Dialling, Rule } from "../core/rule.ts";
import type { CallEntry } from "./call-log.ts";

export interface RecordingRules {
  readonly rules: readonly Rule[];
  readonly dialling: Dialling;
}

export interface CallFile {
  readonly call: CallFacts;
  readonly entry: CallEntry;
  /** Empty until the call has its row. */
  id: string;
  /** The rules that were in force when the call was first seen; they stay its rules. */
  readonly rules: RecordingRules;
  readonly memberOf: MemberOf;
  /** The decision about each member's channel, in the order in which they spoke: the first, or the first that records. */
  readonly decisions: Map<string, Decision>;
  /** Channels and merges that are in the journal. */
  readonly noted: Set<string>;
  story: Situations;
  readonly results: Promise<RecordingResult | undefined>[];
  first: { readonly conversation: Conversation; readonly at: Date } | undefined;
}

export function openCallFile(call: CallFacts, entry: CallEntry, rules: RecordingRules): CallFile {
  const file: CallFile = {
    call,
    entry,
    id: "",
    rules,
    memberOf: indexMembers(rules.rules),
    decisions: new Map(),
    noted: new Set(),
    story: atTheBeginning,
    results: [],
    first: undefined,
  };
  entry.id.then(
    (id) => {
      file.id = id;
    },
    () => undefined,
  );
  return file;
}

/** A call that rings or redials for days has no end of channels. */
const mostNoted = 2000;

/** Which channels the call has, and with which calls it was merged. */
export function noteCall({ call, entry, noted }: CallFile, at: Date): void {
  if (noted.size > mostNoted) for (const id of noted) if (!call.channels.has(id)) noted.delete(id);
  for (const channel of call.channels.values()) {
    if (noted.has(channel.uniqueid)) continue;
    noted.add(channel.uniqueid);
    entry.channel(channel);
  }
  for (const linkedid of call.mergedWith) {
    const key = `merged ${linkedid}`;
    if (noted.has(key)) continue;
    noted.add(key);
    entry.mergedWith(linkedid, at);
  }
}

/** What has changed since it was told last. */
export function tellStory(file: CallFile, conversations: readonly Conversation[], at: Date): void {
  const { call, entry, story } = file;
  // At the end everybody leaves, which needs no telling.
  if (call.endedAt !== undefined) return;
  const situations = situationsOf(call, conversations);
  const ended = (uniqueid: string): boolean => call.channels.get(uniqueid)?.endedAt !== undefined;
  for (const change of changesBetween(story, situations, ended, at)) entry.tell(change);
  file.story = rememberedOf(story, situations, ended);
}

export function liveCallOf({ id, call, first }: CallFile, state: LiveCallState): LiveCall {
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
