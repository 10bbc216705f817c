// Whether a conversation is recorded, and why. Rules are asked in their order; the first that has the member and wants
// the direction records. A refusal names the rule that came closest, so that a person can act on it.

import type { ChannelInCall } from "./call.ts";
import { type Reason, reason } from "./reason.ts";
import type { Direction, Member, Rule } from "./rule.ts";

/** What a decision rests on: a conversation, or one that is only thought of. */
export interface Decidable {
  readonly channel: Pick<ChannelInCall, "endpoint">;
  readonly direction: Direction;
}

export type Decision =
  | { readonly record: true; readonly rule: Rule; readonly reason: Reason }
  | { readonly record: false; readonly reason: Reason };

export function decideRecording(conversation: Decidable, rules: readonly Rule[]): Decision {
  if (rules.length === 0) return { record: false, reason: reason("no-rule") };
  const ofMember = rules.filter((rule) => hasEndpoint(rule, conversation.channel.endpoint));
  const { direction } = conversation;
  const rule = ofMember.find((candidate) => candidate.enabled && candidate.directions[direction]);
  if (rule !== undefined) return { record: true, rule, reason: reason("by-rule", { rule: rule.name }) };
  const enabled = ofMember.find((candidate) => candidate.enabled);
  if (enabled !== undefined)
    return { record: false, reason: reason("direction-off", { rule: enabled.name, direction }) };
  const off = ofMember[0];
  if (off !== undefined) return { record: false, reason: reason("rule-off", { rule: off.name }) };
  return { record: false, reason: reason("no-member") };
}

const hasEndpoint = (rule: Rule, endpoint: string): boolean =>
  rule.members.some((member) => member.endpoints.includes(endpoint));

/** Looks members up by endpoint in constant time; built once for each change of the rules. */
export function indexMembers(rules: readonly Rule[]): (endpoint: string) => Member | undefined {
  const byEndpoint = new Map<string, Member>();
  for (const rule of rules)
    for (const member of rule.members)
      for (const endpoint of member.endpoints)
        if (!byEndpoint.has(endpoint)) byEndpoint.set(endpoint, member);
  return (endpoint) => byEndpoint.get(endpoint);
}
