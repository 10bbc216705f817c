// What may be missing at a move, and the words for what may not.

import type { Lane } from "./lanes.ts";
import { type Finding, RESOLUTION_MS } from "./oracle.ts";
import type { CallPlan, Move } from "./plan.ts";
import { lengthMs, type Span, without } from "./spans.ts";

/** One move may cost each voice this much, all in all. */
const MOST_MISSING_MS = 100;
/** In one piece: two moves can fall together, and a hold took 133 ms on a machine six times overloaded. */
const LONGEST_PIECE_MS = 200;
/** Reports on RTP come that often in the lab (`rtcpinterval`): until one, a restart that nobody announced is not noticed. */
const REPORT_MS = 1_000;

/**
 * At the end of an attended transfer by digits the PBX plays a beep (427 ms, `beep.wav` of Asterisk) into the conversation
 * that it makes: who is in it is not heard meanwhile, and no event tells.
 */
const BEEP_MS = 430;

/** A consultation is a call of its own, that begins and ends; whoever is parked goes and comes back. */
const changes: Readonly<Record<Move["kind"], number>> = {
  hold: 1,
  restart: 1,
  blind: 1,
  attended: 2,
  park: 2,
  "second-call": 2,
};

/** By `performance.now()`. */
export interface Excuses {
  /** The phones stood still. */
  readonly stalls: readonly Span[];
  /** Something changed while the module was away. */
  readonly excused: readonly Span[];
}

/** The findings that neither the plan excuses nor what happened to phones and module. */
export function faultsIn(
  plan: CallPlan,
  findings: readonly Finding[],
  { stalls, excused }: Excuses,
): Finding[] {
  const budget = budgetOf(plan);
  return findings
    .flatMap((finding): readonly Finding[] => ("lane" in finding ? outside(finding, excused) : [finding]))
    .filter((finding) => {
      if (finding.kind === "missing") return !isOfStall(finding, stalls) && !budget.paysFor(finding);
      return finding.kind !== "too-much" || !budget.paysForBeep(finding);
    });
}

type Gap = Extract<Finding, { lane: Lane }>;

function budgetOf({ opening, moves }: CallPlan) {
  const comings = opening.kind === "conference" ? 2 * opening.parties.length : 2;
  const changed = moves.reduce((sum, { kind }) => sum + changes[kind], comings);
  let restarts = moves.filter(({ kind }) => kind === "restart").length;
  let beeps = 2 * moves.filter((move) => move.kind === "attended" && move.how === "dtmf").length;
  const spentMs = new Map<Lane, number>();
  return {
    paysFor({ lane, lengthMs }: Gap): boolean {
      const spent = (spentMs.get(lane) ?? 0) + lengthMs;
      if (lengthMs <= LONGEST_PIECE_MS) {
        spentMs.set(lane, spent);
        return spent <= changed * MOST_MISSING_MS;
      }
      if (lengthMs > REPORT_MS + MOST_MISSING_MS || restarts === 0) return false;
      restarts -= 1;
      return true;
    },
    paysForBeep({ lengthMs }: Gap): boolean {
      if (lengthMs > BEEP_MS || beeps === 0) return false;
      beeps -= 1;
      return true;
    },
  };
}

/** What of it is not excused, if that is long enough to be one. */
function outside(finding: Gap, excused: readonly Span[]): Gap[] {
  const zero = finding.lane.beganAtMs;
  const whole = { fromMs: zero + finding.fromMs, untilMs: zero + finding.fromMs + finding.lengthMs };
  return without([whole], excused)
    .filter((span) => lengthMs(span) > RESOLUTION_MS)
    .map((span) => ({
      ...finding,
      fromMs: Math.round(span.fromMs - zero),
      lengthMs: Math.round(lengthMs(span)),
    }));
}

/**
 * Packets that come 50 ms late in one burst make a MixMonitor throw away what it holds of the other side: 120 to 180 ms
 * of both voices were missing at stalls of 56 to 90 ms, 400 at one of 240 (measured on a loaded machine).
 */
const STALL_COST_MS = 160;

function isOfStall({ lane, fromMs, lengthMs: missingMs }: Gap, stalls: readonly Span[]): boolean {
  const missing = { fromMs: lane.beganAtMs + fromMs, untilMs: lane.beganAtMs + fromMs + missingMs };
  return stalls.some(
    (stall) =>
      missingMs <= STALL_COST_MS + lengthMs(stall) &&
      missing.fromMs < stall.untilMs + STALL_COST_MS &&
      missing.untilMs > stall.fromMs - STALL_COST_MS,
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
