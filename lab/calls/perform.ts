// Carries out a plan with the phones of a room, from the first ring until every leg of it is over.

import { setTimeout as delay } from "node:timers/promises";
import { confer } from "./conference.ts";
import { hearingEachOther, move, noted, type Stage } from "./moves.ts";
import { open, type Pair, type Scene } from "./openings.ts";
import { type CallPlan, describePlan } from "./plan.ts";
import type { Span } from "./spans.ts";

/** Throws where the phones cannot do what the plan says; then the plan is in the message. Adds to `changes`. */
export async function perform(stage: Scene, plan: CallPlan, changes: Span[] = []): Promise<void> {
  try {
    await carryOut({ ...stage, changes }, plan);
  } catch (error) {
    throw new Error(`${describePlan(plan)}: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  } finally {
    for (const { call } of stage.room.legs) await call.hangUp().catch(() => {}); // the PBX may be gone
  }
}

async function carryOut(stage: Stage, { opening, moves, talkMs, hangsUp }: CallPlan): Promise<void> {
  const [first = 0, ...later] = talkMs;
  if (opening.kind === "conference") {
    await noted(stage, confer(stage.room, opening, first));
    return;
  }
  let pair = await noted(
    stage,
    open(stage, opening).then((begun) => begun && hearingEachOther(begun)),
  );
  if (pair === undefined) return;
  await delay(first);
  for (const [index, wanted] of moves.entries()) pair = await move(stage, pair, wanted, later[index] ?? 0);
  await noted(stage, end(pair, hangsUp));
}

async function end(pair: Pair, hangsUp: CallPlan["hangsUp"]): Promise<void> {
  await pair[hangsUp].call.hangUp();
  await Promise.all([pair.caller.call.ended(), pair.called.call.ended()]);
}
