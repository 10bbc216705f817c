// What may be missing at a move, and the words for what may not.

import type { Lane } from "./lanes.ts";
import type { Finding } from "./oracle.ts";
import type { CallPlan, Move } from "./plan.ts";
import type { Span } from "./spans.ts";

type Gap = Extract<Finding, { kind: "missing" }>;

/** One move may cost each voice this much. */
const MOST_MISSING_MS = 100;
/** Reports on RTP come that often in the lab (`rtcpinterval`): until one, a restart that nobody announced is not noticed. */
const REPORT_MS = 1_000;

/** How often somebody comes, goes, or is put on hold in it: each time the recorder has to follow. */
const changes: Readonly<Record<Move["kind"], number>> = {
  hold: 2,
  restart: 1,
  blind: 2,
  attended: 4,
  park: 3,
  "second-call": 4,
};

/**
 * The findings that neither the plan excuses nor the lab: `stalls` are times, by its clock, in which its phones stood still.
 */
export function faultsIn(
  plan: CallPlan,
  findings: readonly Finding[],
  stalls: readonly Span[] = [],
): Finding[] {
  const pauses = pausesIn(plan);
  const longest = plan.opening.kind === "local" ? 2 * MOST_MISSING_MS : MOST_MISSING_MS;
  let restarts = plan.moves.filter(({ kind }) => kind === "restart").length;
  const used = new Map<Lane, number>();
  return findings.filter((finding) => {
    if (finding.kind !== "missing" || isOfStall(finding, stalls)) return finding.kind !== "missing";
    const count = (used.get(finding.lane) ?? 0) + 1;
    used.set(finding.lane, count);
    if (count > pauses) return true;
    if (finding.lengthMs <= longest) return false;
    if (finding.lengthMs > REPORT_MS + MOST_MISSING_MS || restarts === 0) return true;
    restarts -= 1;
    return false;
  });
}

function pausesIn({ opening, moves }: CallPlan): number {
  const comings = opening.kind === "conference" ? 2 * opening.parties.length : 2;
  return moves.reduce((sum, { kind }) => sum + changes[kind], comings);
}

/**
 * Packets that come 50 ms late in one burst make a MixMonitor throw away what it holds of the other side: 120 to 180 ms
 * of both voices were missing at stalls of 56 to 90 ms (measured on a loaded machine).
 */
const STALL_COST_MS = 200;

function isOfStall({ lane, fromMs, lengthMs }: Gap, stalls: readonly Span[]): boolean {
  const at = lane.beganAtMs + fromMs;
  return (
    lengthMs <= STALL_COST_MS &&
    stalls.some((stall) => at < stall.untilMs + STALL_COST_MS && at + lengthMs > stall.fromMs - STALL_COST_MS)
  );
}

export function describeFinding(finding: Finding): string {
  switch (finding.kind) {
    case "missing":
    case "too-much": {
      const { lane, fromMs, lengthMs } = finding;
      const what = finding.kind === "missing" ? "is missing" : "should not be there";
      return `${lane.who} (room ${lane.room}) ${what} for ${lengthMs} ms, ${fromMs} ms after the first word`;
    }
    case "mixed-up":
      return `${finding.recording} holds voices of several rooms: ${finding.lanes.map(({ who, room }) => `${who} (room ${room})`).join(", ")}`;
    case "nobody":
      return `${finding.recording} holds ${finding.lengthMs} ms of a voice that nobody had`;
  }
}
