// Mitschnitt's side of bench:tracker: everything that the monitor has the core do with an event, without recorder and
// journal.

import type { CallFacts } from "../src/core/call.ts";
import type { CallEvent } from "../src/core/call-event.ts";
import {
  atTheBeginning,
  changesBetween,
  rememberedOf,
  type Situations,
  situationsOf,
} from "../src/core/call-story.ts";
import { createCallTracker } from "../src/core/call-tracker.ts";
import { type Conversation, conversationsOf } from "../src/core/conversation.ts";
import { concludeCall } from "../src/core/outcome.ts";
import { type Decision, decideRecording, indexMembers } from "../src/core/recording-decision.ts";
import { planOutside, planRecordings, type RecordingSubject } from "../src/core/recording-plan.ts";
import type { Dialling, Rule } from "../src/core/rule.ts";
import type { Contender } from "./tracker-contender.ts";

const dialling: Dialling = { trunks: ["PJSIP/trunk"] };
const rules: readonly Rule[] = [
  {
    id: "sales",
    name: "Sales",
    enabled: true,
    members: [
      { extension: "10", name: "Alice", endpoints: ["PJSIP/alice"] },
      { extension: "11", name: "Bob", endpoints: ["PJSIP/bob"] },
    ],
    directions: { incoming: true, outgoing: true, internal: true },
    whileOnHold: "stop",
    afterLeaving: "stop",
  },
];
const memberOf = indexMembers(rules);

/** What the monitor keeps of a call while it goes on. */
interface FollowedCall {
  readonly decisions: Map<string, Decision>;
  story: Situations;
}

export function createFollowedCalls(): Contender {
  const tracker = createCallTracker();
  const followedCalls = new Map<string, FollowedCall>();
  const outside = new Map<string, RecordingSubject>();
  let [calls, recorded] = [0, 0];

  const followedOf = (call: CallFacts): FollowedCall => {
    const known = followedCalls.get(call.linkedid);
    if (known !== undefined) return known;
    calls++;
    const followed: FollowedCall = { decisions: new Map(), story: atTheBeginning };
    followedCalls.set(call.linkedid, followed);
    return followed;
  };

  const follow = (call: CallFacts, at: Date): void => {
    const followed = followedOf(call);
    const conversations = conversationsOf(call, memberOf, dialling);
    const decided = conversations.map((conversation) => ({
      conversation,
      decision: decideRecording(conversation, rules),
    }));
    planOutside(call, outside);
    planRecordings(decided);
    for (const { conversation, decision } of decided) {
      const { uniqueid } = conversation.channel;
      if (!followed.decisions.get(uniqueid)?.record) followed.decisions.set(uniqueid, decision);
    }
    if (call.endedAt === undefined) tellStory(call, followed, conversations, at);
    else conclude(call, followed);
  };

  const tellStory = (
    call: CallFacts,
    followed: FollowedCall,
    conversations: readonly Conversation[],
    at: Date,
  ): void => {
    const situations = situationsOf(call, conversations);
    const ended = (uniqueid: string): boolean => call.channels.get(uniqueid)?.endedAt !== undefined;
    changesBetween(followed.story, situations, ended, at);
    followed.story = rememberedOf(followed.story, situations, ended);
  };

  const conclude = (call: CallFacts, { decisions }: FollowedCall): void => {
    followedCalls.delete(call.linkedid);
    const all = [...decisions.values()];
    const due = all.find((decision) => decision.record);
    const results = due?.record ? [{ state: "finished", ruleName: due.rule.name } as const] : [];
    if (concludeCall({ call, decisions: all, results }).kind === "recorded") recorded++;
  };

  const apply = (event: CallEvent): void => {
    for (const call of tracker.apply(event)) {
      follow(call, event.at);
      // The PBX is asked who is in doubt; here everybody has let go.
      for (const { uniqueid, holdInDoubt } of call.channels.values())
        if (holdInDoubt) apply({ type: "HoldKnown", at: event.at, uniqueid, onHold: false });
    }
  };

  return {
    apply,
    get calls() {
      return calls;
    },
    get recorded() {
      return recorded;
    },
  };
}
