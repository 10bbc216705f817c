// What happens in the middle of a random call. Each move begins and ends with two people who hear each other, and says
// who they are then.

import { setTimeout as delay } from "node:timers/promises";
import { waitUntil } from "../deadline.ts";
import { answer, type Pair, RING_MS, type Scene } from "./openings.ts";
import type { Move, Role } from "./plan.ts";
import { type Leg, talk, untilUnheard } from "./room.ts";
import type { Span } from "./spans.ts";

export interface Stage extends Scene {
  /** When something changed, by `performance.now()`: from the first sign of it until people hear each other again. */
  readonly changes: Span[];
}

/** Whatever comes out of it is noted as a change, also where it fails. */
export async function noted<T>({ changes }: Stage, change: Promise<T>): Promise<T> {
  const fromMs = performance.now();
  try {
    return await change;
  } finally {
    changes.push({ fromMs, untilMs: performance.now() });
  }
}

type MoveOf<K extends Move["kind"]> = Extract<Move, { kind: K }>;

/** In a consultation, and in the second call. */
const CONSULTATION_MS = 700;

export async function move(stage: Stage, pair: Pair, wanted: Move, talkMs: number): Promise<Pair> {
  const next = await noted(stage, carryOut(stage, pair, wanted).then(hearingEachOther));
  await delay(talkMs);
  return next;
}

export async function hearingEachOther(pair: Pair): Promise<Pair> {
  await talk(pair.caller, pair.called, 0);
  return pair;
}

function carryOut(stage: Stage, pair: Pair, wanted: Move): Promise<Pair> {
  switch (wanted.kind) {
    case "hold":
      return hold(pair, wanted);
    case "restart":
      return restart(pair, wanted);
    case "blind":
      return blind(stage, pair, wanted);
    case "attended":
      return wanted.how === "refer"
        ? attendedByRefer(stage, pair, wanted)
        : attendedByDtmf(stage, pair, wanted);
    case "park":
      return park(stage, pair, wanted);
    case "second-call":
      return secondCall(stage, pair, wanted);
  }
}

function sidesOf({ caller, called }: Pair, who: Role): { readonly own: Leg; readonly other: Leg } {
  if (caller.who === who) return { own: caller, other: called };
  if (called.who === who) return { own: called, other: caller };
  throw new RangeError(`move: expected ${caller.who} or ${called.who}, got ${who}`);
}

const replaced = (pair: Pair, gone: Leg, by: Leg): Pair =>
  pair.caller === gone ? { caller: by, called: pair.called } : { caller: pair.caller, called: by };

async function hold(pair: Pair, { by, holdMs, restart }: MoveOf<"hold">): Promise<Pair> {
  const { own } = sidesOf(pair, by);
  await own.call.hold();
  await delay(holdMs);
  await own.call.resume(restart ? own.room.lowerNumbers() : undefined);
  return pair;
}

async function restart(pair: Pair, { by }: MoveOf<"restart">): Promise<Pair> {
  const { own } = sidesOf(pair, by);
  await own.call.reinvite(own.room.lowerNumbers());
  return pair;
}

async function blind({ room, control }: Stage, pair: Pair, { by, to, how }: MoveOf<"blind">): Promise<Pair> {
  const { own, other } = sidesOf(pair, by);
  const ring = room.nextCall(to);
  const number = room.numberOf(to);
  if (how === "refer") await own.call.transfer(number);
  else if (how === "ami") await control.blindTransfer(own, number);
  else await dialByFeature(own, other, "##", number);
  const target = await answer(await ring);
  await own.call.ended();
  return replaced(pair, own, target);
}

/** The PBX listens for the number as soon as it has taken the other one out of the conversation. */
async function dialByFeature(own: Leg, other: Leg, code: string, number: string): Promise<void> {
  await own.call.press(code);
  await untilUnheard(other, own);
  await own.call.press(number);
}

async function attendedByRefer({ room }: Stage, pair: Pair, wanted: MoveOf<"attended">): Promise<Pair> {
  const { own } = sidesOf(pair, wanted.by);
  const number = room.numberOf(wanted.to);
  await own.call.hold();
  const ring = room.nextCall(wanted.to);
  const consultation = await room.dial(wanted.by, number);
  const target = await ring;
  if (wanted.ends === "busy") {
    await delay(RING_MS);
    target.call.reject();
    await consultation.call.ended();
    await own.call.resume();
    return pair;
  }
  await answer(target);
  await talk(consultation, target, CONSULTATION_MS);
  if (wanted.ends === "cancelled") {
    await consultation.call.hangUp();
    await own.call.resume();
    return pair;
  }
  await own.call.transferTo(number, consultation.call);
  await Promise.all([own.call.ended(), consultation.call.ended()]);
  return replaced(pair, own, target);
}

async function attendedByDtmf({ room }: Stage, pair: Pair, wanted: MoveOf<"attended">): Promise<Pair> {
  const { own, other } = sidesOf(pair, wanted.by);
  const ring = room.nextCall(wanted.to);
  await dialByFeature(own, other, "*2", room.numberOf(wanted.to));
  const target = await ring;
  if (wanted.ends === "busy") {
    await delay(RING_MS);
    target.call.reject();
    return pair;
  }
  await answer(target);
  await talk(own, target, CONSULTATION_MS);
  if (wanted.ends === "cancelled") {
    await own.call.press("*1");
    return pair;
  }
  await own.call.hangUp();
  return replaced(pair, own, target);
}

async function park(
  { room, control }: Stage,
  pair: Pair,
  { by, how, takenBy }: MoveOf<"park">,
): Promise<Pair> {
  const { own } = sidesOf(pair, by);
  const parking = control.nextParking(room);
  const comesBack = takenBy === undefined ? room.nextCall(by) : undefined;
  if (how === "dtmf") await own.call.press("#7");
  else await own.call.transfer(`5${room.number}${takenBy === undefined ? 9 : 0}`);
  const space = await parking;
  await delay(PARKED_MS);
  await own.call.hangUp(); // the PBX would read him the number first
  if (comesBack !== undefined) return replaced(pair, own, await answer(await comesBack));
  if (takenBy === undefined) return pair;
  const taker = await room.dial(takenBy, space);
  await taker.call.answered();
  return replaced(pair, own, taker);
}

const PARKED_MS = 500;

async function secondCall({ room }: Stage, pair: Pair, { from, to }: MoveOf<"second-call">): Promise<Pair> {
  const { own } = sidesOf(pair, to);
  const ring = room.nextCall(to);
  const caller = await room.dial(from, room.numberOf(to));
  const second = await ring;
  await own.call.hold();
  await answer(second);
  await talk(caller, second, CONSULTATION_MS);
  await caller.call.hangUp();
  await waitUntil("end of the second call", () => second.call.isOver);
  await own.call.resume();
  return pair;
}
