// How a call ended, and why: exactly one outcome for each call.

import type { CallFacts } from "./call.ts";
import { type Reason, reason } from "./reason.ts";
import type { Decision } from "./recording-decision.ts";

export type OutcomeKind = "recorded" | "declined" | "not-due" | "failed";

/**
 * Why a recording ends before its conversation did: `stuck`, freed by the cleanup; `forced`, ended by an administrator;
 * `pbx-gone`, the PBX ended without closing the file.
 */
export type CutOff = "stuck" | "forced" | "pbx-gone";

export interface Outcome {
  readonly kind: OutcomeKind;
  readonly reason: Reason;
}

/** What became of one recording that was due. */
export type RecordingResult =
  | { readonly state: "finished"; readonly ruleName: string }
  /** It ended before there was anything to record. */
  | { readonly state: "nothing"; readonly reason: Reason }
  | { readonly state: "failed"; readonly reason: Reason };

/** Everything that the outcome of a call rests on. */
export interface Conclusion {
  /** Undefined for a call of which only the journal's row is left. */
  readonly call: CallFacts | undefined;
  /** The decisions about the call's conversations, in the order in which they began. */
  readonly decisions: readonly Decision[];
  readonly results: readonly RecordingResult[];
}

const notAnswered = (call: CallFacts): Reason => {
  const statuses = new Set(call.dials.map((dial) => dial.status));
  if (statuses.has("ANSWER") || call.wasConnected) return reason("no-member");
  if (statuses.has("CANCEL") || statuses.has(undefined)) return reason("abandoned");
  if (statuses.has("NOANSWER") || statuses.has("ABORT")) return reason("no-answer");
  if (statuses.has("BUSY")) return reason("busy");
  if (statuses.size > 0) return reason("unreachable");
  return reason("nobody-dialled");
};

/** A call fails if anything that was due is missing; it is recorded if all that was due is there. */
export function concludeCall({ call, decisions, results }: Conclusion): Outcome {
  for (const result of results)
    if (result.state === "failed") return { kind: "failed", reason: result.reason };
  const finished = results.find((result) => result.state === "finished");
  if (finished?.state === "finished")
    return { kind: "recorded", reason: reason("by-rule", { rule: finished.ruleName }) };
  const nothing = results.flatMap((result) => (result.state === "nothing" ? [result.reason] : []));
  // Nobody could be heard either where another's recording had everything.
  const why = nothing.find(({ code }) => code !== "on-hold") ?? nothing[0];
  if (why !== undefined) return { kind: "not-due", reason: why };
  const due = decisions.find((decision) => decision.record);
  if (due !== undefined) return { kind: "failed", reason: reason("channel-gone") };
  const first = decisions[0];
  if (first !== undefined) return { kind: "not-due", reason: first.reason };
  if (call === undefined) return { kind: "failed", reason: reason("unobserved") };
  return { kind: "not-due", reason: notAnswered(call) };
}
