// Drives events through tracker, conversations, decision and plan as the monitor does, without a PBX: what would have
// been recorded, on which channel, with whom, and how each call would have ended.

import type { CallFacts } from "../../src/core/call.ts";
import type { CallEvent } from "../../src/core/call-event.ts";
import { createCallTracker } from "../../src/core/call-tracker.ts";
import { conversationsOf } from "../../src/core/conversation.ts";
import { concludeCall, type Outcome } from "../../src/core/outcome.ts";
import { type Decision, decideRecording, indexMembers } from "../../src/core/recording-decision.ts";
import { planRecordings, type Wanted } from "../../src/core/recording-plan.ts";
import type { Dialling, Rule } from "../../src/core/rule.ts";

export interface PlanStep {
  readonly at: Date;
  readonly channel: string;
  readonly heard: string;
  readonly wanted: Wanted;
}

export interface Replay {
  /** Each change of what is wanted on a channel; `heard` is empty for nobody. */
  readonly steps: readonly PlanStep[];
  readonly outcomes: ReadonlyMap<string, Outcome>;
  /** Calls that had not ended when the events did. */
  readonly unfinished: readonly CallFacts[];
}

export const members = {
  alice: { extension: "10", name: "Alice", endpoints: ["PJSIP/alice"] },
  bob: { extension: "11", name: "Bob", endpoints: ["PJSIP/bob"] },
  carol: { extension: "12", name: "Carol", endpoints: ["PJSIP/carol"] },
} as const;

export const dialling: Dialling = { trunks: ["PJSIP/trunk"] };

export const rule = (change: Partial<Rule> = {}): Rule => ({
  id: "sales",
  name: "Sales",
  enabled: true,
  members: [members.alice, members.bob],
  directions: { incoming: true, outgoing: true, internal: true },
  whileOnHold: "stop",
  afterLeaving: "stop",
  ...change,
});

/** `stillHolds` is what a channel answers that was on hold and has been moved. */
export function replay(
  events: readonly CallEvent[],
  rules: readonly Rule[] = [rule()],
  stillHolds = true,
): Replay {
  const tracker = createCallTracker();
  const memberOf = indexMembers(rules);
  const steps: PlanStep[] = [];
  const heardNow = new Map<string, string>();
  const decisions = new Map<string, Map<string, Decision>>();
  const outcomes = new Map<string, Outcome>();

  const follow = (call: CallFacts, at: Date): void => {
    const decided = conversationsOf(call, memberOf, dialling).map((conversation) => ({
      conversation,
      decision: decideRecording(conversation, rules),
    }));
    const ofCall = decisions.get(call.linkedid) ?? new Map<string, Decision>();
    decisions.set(call.linkedid, ofCall);
    for (const { conversation, decision } of decided)
      if (!ofCall.has(conversation.channel.uniqueid)) ofCall.set(conversation.channel.uniqueid, decision);
    for (const wanted of planRecordings(decided)) {
      const heard = wanted.heard.map((peer) => peer.uniqueid).join();
      if ((heardNow.get(wanted.channel.uniqueid) ?? "") === heard) continue;
      heardNow.set(wanted.channel.uniqueid, heard);
      steps.push({ at, channel: wanted.channel.endpoint, heard, wanted });
    }
    if (call.endedAt === undefined) return;
    if (outcomes.has(call.linkedid)) throw new Error(`a second outcome for call ${call.linkedid}`);
    const recorded = [...call.channels.keys()].some((id) => (heardNow.get(id) ?? "") !== "");
    outcomes.set(
      call.linkedid,
      concludeCall({
        call,
        decisions: [...ofCall.values()],
        results: recorded ? [{ state: "finished", ruleName: "Sales" }] : [],
      }),
    );
  };

  const apply = (event: CallEvent): void => {
    const { at } = event;
    for (const call of tracker.apply(event)) {
      follow(call, at);
      for (const { uniqueid, holdInDoubt } of call.channels.values())
        if (holdInDoubt) apply({ type: "HoldKnown", at, uniqueid, onHold: stillHolds });
    }
  };
  for (const event of events) apply(event);
  return { steps, outcomes, unfinished: [...tracker.calls()] };
}
