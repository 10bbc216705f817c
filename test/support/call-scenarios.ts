// Random days of an imagined PBX, for properties: a list of moves, each with the events it caused and the truth after it.

import fc from "fast-check";
import type { CallEvent, SnapshotChannel } from "../../src/core/call-event.ts";
import { createImaginedPbx, type ImaginedPbx, type Room } from "./imagined-pbx.ts";

export interface Step {
  readonly move: string;
  readonly events: readonly CallEvent[];
  /** Names of the channels that ended, which Asterisk closes before it says so. */
  readonly hungUp: readonly string[];
  readonly rooms: readonly Room[];
  readonly snapshot: readonly SnapshotChannel[];
}

interface Move {
  readonly kind: (typeof kinds)[number];
  readonly pick: number;
  readonly other: number;
}

const kinds = [
  "incoming",
  "outgoing",
  "internal",
  "queue",
  "answer",
  "refuse",
  "abandon",
  "hold",
  "hang up",
  "blind transfer",
  "consult",
  "complete transfer",
  "optimise",
  "conference",
] as const;

/** Answers are what makes days interesting. */
const kind = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Move["kind"]>("answer") },
  { weight: 10, arbitrary: fc.constantFrom<Move["kind"]>(...kinds) },
);

const phones = ["PJSIP/alice", "PJSIP/bob", "PJSIP/carol", "PJSIP/dave"] as const;
/** In the rule that the tests go by; the others are not. */
export const dueEndpoints: readonly string[] = ["PJSIP/alice", "PJSIP/bob"];
const trunk = "PJSIP/trunk";

const pickOf = <T>(list: readonly T[], number: number): T | undefined => list[number % list.length];

const withOne = <T>(list: readonly T[], number: number, act: (one: T) => void): void => {
  const one = pickOf(list, number);
  if (one !== undefined) act(one);
};

type Performance = (pbx: ImaginedPbx, move: Move, phone: string, another: string) => void;

/** A move for which there is nobody at the moment does nothing. */
const performances: Readonly<Record<Move["kind"], Performance>> = {
  incoming: (pbx, { pick, other }) =>
    pbx.call(trunk, phones.slice(pick % 3, (pick % 3) + 1 + (other % 2)), false),
  outgoing: (pbx, _, phone) => pbx.call(phone, [trunk], false),
  internal: (pbx, _, phone, another) => pbx.call(phone, [another], false),
  queue: (pbx, _, phone) => pbx.call(trunk, [phone], true),
  conference: (pbx, { other }, phone) => pbx.joinConference(other % 2 === 0 ? trunk : phone),
  answer: (pbx, { pick, other }) =>
    withOne(pbx.ringings(), pick, (ringing) =>
      withOne(ringing.callees, other, (callee) => pbx.answer(ringing, callee)),
    ),
  refuse: (pbx, { pick, other }) =>
    withOne(pbx.ringings(), pick, (ringing) =>
      withOne(ringing.callees, other, (callee) => pbx.refuse(ringing, callee)),
    ),
  abandon: (pbx, { pick }) => withOne(pbx.ringings(), pick, (ringing) => pbx.abandon(ringing)),
  hold: (pbx, { pick }) => withOne(pbx.talking(), pick, (line) => pbx.hold(line)),
  "hang up": (pbx, { pick }) => withOne(pbx.talking(), pick, (line) => pbx.hangUp(line)),
  "blind transfer": (pbx, { pick }, _, another) =>
    withOne(pbx.talking(), pick, (line) => pbx.blindTransfer(line, another)),
  consult: (pbx, { pick }, _, another) => withOne(pbx.talking(), pick, (line) => pbx.consult(line, another)),
  "complete transfer": (pbx, { pick }) =>
    withOne(pbx.consultations(), pick, (consultation) => pbx.completeTransfer(consultation)),
  optimise: (pbx, { pick }) => withOne(pbx.locals(), pick, (local) => pbx.optimise(local)),
};

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
    const phone = pickOf(phones, move.pick) ?? trunk;
    const another = pickOf(phones, move.pick + 1 + (move.other % 3)) ?? trunk;
    performances[move.kind](pbx, move, phone, another);
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
