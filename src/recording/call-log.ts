// Writes each call into the journal, in order: opened, answered, closed with its outcome. A journal that cannot be
// written for a while delays this; it never delays the PBX's events.

import { type CallFacts, type ChannelInCall, originatorOf } from "../core/call.ts";
import type { Conversation } from "../core/conversation.ts";
import type { RecordingResult } from "../core/outcome.ts";
import type { TimelineEntry } from "../core/timeline.ts";
import { answerCall, type CallClosing, closeCall, newId, openCall } from "../journal/calls.ts";
import type { JournalDb } from "../journal/journal.ts";
import { resultsOfCall } from "../journal/recordings.ts";
import { addToTimeline, noteChannels, tieToLinkedid } from "../journal/timeline.ts";
import type { Perseverance } from "./perseverance.ts";
import { createStoryBuffer } from "./story-buffer.ts";

export interface CallEntry {
  /** The journal's id, as soon as the row is there. */
  readonly id: Promise<string>;
  /** The PBX as it was called when the call began. */
  readonly pbxId: string;
  answered(conversation: Conversation, at: Date): void;
  /** For the timeline. */
  tell(entry: TimelineEntry): void;
  channel(channel: Pick<ChannelInCall, "uniqueid" | "name">): void;
  /** A transfer has merged it with the call of that linkedid. */
  mergedWith(linkedid: string, at: Date): void;
  /** What became of the call's recordings so far, those of former runs of the module among them. */
  results(): Promise<readonly RecordingResult[]>;
  closed(closing: CallClosing): Promise<void>;
}

export interface CallLog {
  open(call: CallFacts): CallEntry;
}

export interface CallLogParts {
  readonly db: JournalDb;
  readonly perseverance: Perseverance;
  readonly pbxId: () => string;
  readonly now: () => Date;
}

export function createCallLog({ db, perseverance, pbxId, now }: CallLogParts): CallLog {
  return {
    open(call) {
      const first = originatorOf(call);
      const opening = {
        id: newId(),
        pbxId: pbxId(),
        linkedid: call.linkedid,
        startedAt: call.startedAt,
        fromNumber: first?.number ?? "",
        fromName: first?.displayName ?? "",
        toNumber: first?.dialled ?? "",
      };
      const id = perseverance.until("call opened", () => openCall(db, opening));
      // One step after the other; an ended module leaves the rest to the next start.
      let written: Promise<unknown> = id.catch(() => undefined);
      const then = <T>(what: string, task: (callId: string) => Promise<T>): Promise<T> => {
        const step = written.then(async () => {
          const callId = await id;
          return perseverance.until(what, () => task(callId));
        });
        written = step.catch(() => undefined);
        return step;
      };
      const story = createStoryBuffer(({ channels, entries }) => {
        then("timeline written", async (callId) => {
          await noteChannels(db, callId, channels, now());
          await addToTimeline(db, callId, entries);
        }).catch(() => undefined);
      });
      return {
        id,
        pbxId: opening.pbxId,
        answered(conversation, at) {
          const dialled = conversation.direction === "incoming" ? opening.toNumber : conversation.to.number;
          const answer = {
            answeredAt: at,
            direction: conversation.direction,
            fromNumber: conversation.from.number,
            fromName: conversation.from.name,
            toNumber: dialled || conversation.to.number,
            memberExtension: conversation.member.extension,
          };
          then("call answered", (callId) => answerCall(db, callId, answer)).catch(() => undefined);
        },
        tell: (entry) => story.tell(entry),
        channel: ({ uniqueid, name }) => story.channel({ pbxId: opening.pbxId, uniqueid, name }),
        mergedWith(linkedid, at) {
          then("calls tied", (callId) => tieToLinkedid(db, callId, linkedid, at)).catch(() => undefined);
        },
        results: () => then("recordings of a call looked up", (callId) => resultsOfCall(db, callId)),
        async closed(closing) {
          story.flush();
          await then("call closed", (callId) => closeCall(db, callId, closing));
        },
      };
    },
  };
}
