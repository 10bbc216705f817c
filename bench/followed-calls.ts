// Mitschnitt's side of bench:tracker: everything that the monitor has the core do with an event, without recorder and
// journal.

import type { CallFacts } from "../src/core/call.ts";
import { createCallTracker } from "../src/core/call-tracker.ts";
import { conversationsOf } from "../src/core/conversation.ts";
import { concludeCall } from "../src/core/outcome.ts";
import { type Decision, decideRecording, indexMembers } from "../src/core/recording-decision.ts";
import { planRecordings } from "../src/core/recording-plan.ts";
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

export function createFollowedCalls(): Contender {
  const tracker = createCallTracker();
  /** By linkedid, while a call goes on: the first decision about each of its channels. */
  const decisionsOf = new Map<string, Map<string, Decision>>();
  let [calls, recorded] = [0, 0];

  const follow = (call: CallFacts): void => {
    let decisions = decisionsOf.get(call.linkedid);
    if (decisions === undefined) {
      decisions = new Map();
      decisionsOf.set(call.linkedid, decisions);
      calls++;
    }
    const decided = conversationsOf(call, memberOf, dialling).map((conversation) => ({
      conversation,
      decision: decideRecording(conversation, rules),
    }));
    planRecordings(decided);
    for (const { conversation, decision } of decided) {
      const { uniqueid } = conversation.channel;
      if (!decisions.has(uniqueid)) decisions.set(uniqueid, decision);
    }
    if (call.endedAt === undefined) return;
    decisionsOf.delete(call.linkedid);
    const due = [...decisions.values()].find((decision) => decision.record);
    const results = due?.record ? [{ state: "finished", ruleName: due.rule.name } as const] : [];
    if (concludeCall({ call, decisions: [...decisions.values()], results }).kind === "recorded") recorded++;
  };

  return {
    apply(event) {
      for (const call of tracker.apply(event)) follow(call);
    },
    get calls() {
      return calls;
    },
    get recorded() {
      return recorded;
    },
  };
}
