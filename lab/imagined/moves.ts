// What people do on an imagined PBX: call, answer, hold, transfer. Two numbers decide who does it to whom, so that a
// random generator of any kind can drive it.

import type { ImaginedPbx } from "./imagined-pbx.ts";

export interface Move {
  readonly kind: (typeof moveKinds)[number];
  readonly pick: number;
  readonly other: number;
}

export const moveKinds = [
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

const phones = ["PJSIP/alice", "PJSIP/bob", "PJSIP/carol", "PJSIP/dave"] as const;
/** In the rule that tests and benchmarks go by; the others are not. */
export const dueEndpoints: readonly string[] = ["PJSIP/alice", "PJSIP/bob"];
const trunk = "PJSIP/trunk";

const pickOf = <T>(list: readonly T[], number: number): T | undefined => list[number % list.length];

const withOne = <T>(list: readonly T[], number: number, act: (one: T) => void): void => {
  const one = pickOf(list, number);
  if (one !== undefined) act(one);
};

type Performance = (pbx: ImaginedPbx, move: Move, phone: string, another: string) => void;

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

/** A move for which there is nobody at the moment does nothing. */
export function perform(pbx: ImaginedPbx, move: Move): void {
  const phone = pickOf(phones, move.pick) ?? trunk;
  const another = pickOf(phones, move.pick + 1 + (move.other % 3)) ?? trunk;
  performances[move.kind](pbx, move, phone, another);
}
