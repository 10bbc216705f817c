// The one sentence at the top of the overview: what a person who looks after the system would say first. Pure; the words
// stand in locales/ under `sentence.`.

import type { Condition } from "../../core/conditions.ts";
import type { OutcomeCounts, PbxConnection } from "../services.ts";

export interface TargetState {
  readonly name: string;
  readonly unreachable: boolean;
  readonly waiting: number;
  readonly onHold: number;
  readonly unreachableSince: Date | undefined;
}

export interface OverviewFacts {
  readonly now: Date;
  /** The group, or undefined while there is none or nobody is in it. */
  readonly rule: { readonly name: string; readonly enabled: boolean } | undefined;
  /** Whether the PBX's login has been entered. */
  readonly hasPbxSecret: boolean;
  readonly settingsBroken: boolean;
  readonly pbx: PbxConnection;
  readonly conditions: readonly Condition[];
  readonly recordingNow: number;
  readonly today: OutcomeCounts;
  readonly targets: readonly TargetState[];
}

export type OverviewSentence =
  | {
      readonly tone: "fine";
      readonly recordingNow: number;
      readonly recordedToday: number;
      readonly waiting: number;
      readonly hasTarget: boolean;
    }
  | { readonly tone: "setup"; readonly kind: "setup-rule" | "setup-pbx" }
  | { readonly tone: "quiet"; readonly kind: "connecting" | "stopped" }
  | { readonly tone: "quiet"; readonly kind: "rule-off"; readonly rule: string }
  | { readonly tone: "problem"; readonly kind: "settings" | "disk-full" }
  | { readonly tone: "problem"; readonly kind: "pbx-down"; readonly forMs: number | undefined }
  | {
      readonly tone: "problem";
      readonly kind: "target-down";
      readonly target: string;
      readonly waiting: number;
      readonly forMs: number | undefined;
    }
  | { readonly tone: "problem"; readonly kind: "on-hold" | "failed-today"; readonly count: number }
  | { readonly tone: "problem"; readonly kind: "other-problem"; readonly condition: Condition };

/** The worst first: what stops recording, then what stops delivery, then what went wrong today. */
export function overviewSentence(facts: OverviewFacts): OverviewSentence {
  return setup(facts) ?? stopsRecording(facts) ?? stopsDelivery(facts) ?? wentWrong(facts) ?? fine(facts);
}

const subjectOf = (facts: OverviewFacts, subject: string): Condition | undefined =>
  facts.conditions.find((condition) => condition.subject === subject);

const sinceMs = (now: Date, since: Date | undefined): number | undefined =>
  since === undefined ? undefined : Math.max(0, now.getTime() - since.getTime());

function setup({ rule, hasPbxSecret, pbx }: OverviewFacts): OverviewSentence | undefined {
  if (rule === undefined) return { tone: "setup", kind: "setup-rule" };
  if (!hasPbxSecret && pbx.state !== "connected") return { tone: "setup", kind: "setup-pbx" };
  return undefined;
}

function stopsRecording(facts: OverviewFacts): OverviewSentence | undefined {
  const { pbx, rule, now } = facts;
  if (pbx.state === "stopped") return { tone: "quiet", kind: "stopped" };
  const down = subjectOf(facts, "pbx");
  if (pbx.state === "waiting" || (pbx.state === "connecting" && down !== undefined))
    return { tone: "problem", kind: "pbx-down", forMs: sinceMs(now, down?.since) };
  if (pbx.state === "connecting") return { tone: "quiet", kind: "connecting" };
  if (facts.conditions.some((condition) => condition.code === "disk-full"))
    return { tone: "problem", kind: "disk-full" };
  if (rule !== undefined && !rule.enabled) return { tone: "quiet", kind: "rule-off", rule: rule.name };
  return undefined;
}

function stopsDelivery({ targets, now }: OverviewFacts): OverviewSentence | undefined {
  const down = targets
    .filter((target) => target.unreachable)
    .sort((a, b) => b.waiting - a.waiting)
    .at(0);
  if (down !== undefined)
    return {
      tone: "problem",
      kind: "target-down",
      target: down.name,
      waiting: down.waiting,
      forMs: sinceMs(now, down.unreachableSince),
    };
  const onHold = targets.reduce((sum, target) => sum + target.onHold, 0);
  return onHold > 0 ? { tone: "problem", kind: "on-hold", count: onHold } : undefined;
}

function wentWrong({ settingsBroken, conditions, today }: OverviewFacts): OverviewSentence | undefined {
  if (settingsBroken) return { tone: "problem", kind: "settings" };
  const [condition] = conditions;
  if (condition !== undefined) return { tone: "problem", kind: "other-problem", condition };
  return today.failed > 0 ? { tone: "problem", kind: "failed-today", count: today.failed } : undefined;
}

const fine = ({ recordingNow, today, targets }: OverviewFacts): OverviewSentence => ({
  tone: "fine",
  recordingNow,
  recordedToday: today.recorded,
  waiting: targets.reduce((sum, target) => sum + target.waiting, 0),
  hasTarget: targets.length > 0,
});
