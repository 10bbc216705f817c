// Random days of an imagined PBX, for properties: a list of moves, each with the events it caused and the truth after it.

import fc from "fast-check";
import { createImaginedPbx, type Room } from "../../lab/imagined/imagined-pbx.ts";
import { type Move, moveKinds, perform } from "../../lab/imagined/moves.ts";
import type { CallEvent, SnapshotChannel } from "../../src/core/call-event.ts";

export interface Step {
  readonly move: string;
  readonly events: readonly CallEvent[];
  /** Names of the channels that ended, which Asterisk closes before it says so. */
  readonly hungUp: readonly string[];
  readonly rooms: readonly Room[];
  readonly snapshot: readonly SnapshotChannel[];
}

/** Answers are what makes days interesting. */
const kind = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Move["kind"]>("answer") },
  { weight: 10, arbitrary: fc.constantFrom<Move["kind"]>(...moveKinds) },
);

function play(moves: readonly Move[]): readonly Step[] {
  let timeMs = Date.UTC(2026, 10, 2, 10);
  const pbx = createImaginedPbx(() => new Date(timeMs++));
  const stepOf = (move: string): Step => ({
    move,
    ...pbx.take(),
    rooms: pbx.rooms(),
    snapshot: pbx.snapshot(),
  });
  const steps = moves.map((move) => {
    perform(pbx, move);
    return stepOf(move.kind);
  });
  pbx.hangUpAll();
  return [...steps, stepOf("the end of the day")].filter((step) => step.events.length > 0);
}

/** Every channel has ended at the end of the last step. */
export const anyDay = (mostMoves: number): fc.Arbitrary<readonly Step[]> =>
  fc
    .array(fc.record({ kind, pick: fc.nat(11), other: fc.nat(11) }), { maxLength: mostMoves, size: "max" })
    .map(play);

export interface Disturbance {
  readonly what: "lost" | "doubled" | "late";
  readonly index: number;
}

export const disturbances = fc.array(
  fc.record({
    what: fc.constantFrom("lost", "doubled", "late"),
    index: fc.nat(400),
  }) as fc.Arbitrary<Disturbance>,
  { maxLength: 12, size: "max" },
);

/** As a bad connection, or a bug of somebody, would tell it. */
export function disturb(events: readonly CallEvent[], by: readonly Disturbance[]): readonly CallEvent[] {
  const told = [...events];
  for (const { what, index } of by) {
    const at = index % Math.max(told.length, 1);
    const [event] = told.splice(at, 1);
    if (event === undefined || what === "lost") continue;
    if (what === "doubled") told.splice(at, 0, event, event);
    else told.splice(at + 3, 0, event);
  }
  return told;
}

export const endpointOfChannel = (name: string): string => name.slice(0, name.lastIndexOf("-"));
