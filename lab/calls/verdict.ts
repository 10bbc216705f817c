// What may be missing at a move, and the words for what may not.

import type { Finding } from "./oracle.ts";
import type { CallPlan, Move } from "./plan.ts";

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

/** The findings that the plan does not excuse. */
export function faultsIn(plan: CallPlan, findings: readonly Finding[]): Finding[] {
  const parties = plan.opening.kind === "conference" ? 2 * plan.opening.parties.length : 2;
  const pauses = plan.moves.reduce((sum, { kind }) => sum + changes[kind], parties);
  let restarts = plan.moves.filter(({ kind }) => kind === "restart").length;
  const byLane = new Map<unknown, number>();
  return findings.filter((finding) => {
    if (finding.kind !== "missing") return true;
    const used = (byLane.get(finding.lane) ?? 0) + 1;
    byLane.set(finding.lane, used);
    if (used > pauses) return true;
    if (finding.lengthMs <= MOST_MISSING_MS) return false;
    if (finding.lengthMs > REPORT_MS + MOST_MISSING_MS || restarts === 0) return true;
    restarts -= 1;
    return false;
  });
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
