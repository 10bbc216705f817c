// How a random call begins: from the first ring to the moment in which two people hear each other.

import { setTimeout as delay } from "node:timers/promises";
import type { PbxControl } from "./pbx-control.ts";
import type { Opening, Role } from "./plan.ts";
import type { Leg, Room } from "./room.ts";

export interface Scene {
  readonly room: Room;
  readonly control: PbxControl;
}

/** Who talks with whom now. */
export interface Pair {
  readonly caller: Leg;
  readonly called: Leg;
}

/** Phones ring this long. */
export const RING_MS = 120;
/** A desk in a ring group or a queue rings a little after the others. */
const OTHERS_MS = 150;

type OpeningOf<K extends Opening["kind"]> = Extract<Opening, { kind: K }>;

/** Undefined where nobody ever talks. A conference is carried out by its own file. */
export function open(
  { room, control }: Scene,
  opening: Exclude<Opening, { kind: "conference" }>,
): Promise<Pair | undefined> {
  switch (opening.kind) {
    case "direct": {
      const number = room.numberOf(opening.to, opening.plain ? "plain" : undefined);
      return answeredBy(room, opening.from, number, opening.to);
    }
    case "local": {
      const place = room.numberOf(opening.to).slice(1);
      return answeredBy(room, opening.from, opening.stays ? `86${place}` : `6${place}`, opening.to);
    }
    case "ring-group":
      return ringGroup(room, opening, `4${room.number}0`, ["anna", "ben", "emil"]);
    case "queue":
      return ringGroup(room, opening, `4${room.number}1`, ["anna", "ben", "cora"]);
    case "forward":
      return forward(room, opening);
    case "pickup":
      return pickup(room, control, opening);
    case "unanswered":
      return unanswered(room, opening);
  }
}

async function answeredBy(room: Room, from: Role, number: string, to: Role): Promise<Pair> {
  const ring = room.nextCall(to);
  const caller = await room.dial(from, number);
  return { caller, called: await answer(await ring) };
}

export async function answer(leg: Leg): Promise<Leg> {
  await delay(RING_MS);
  await leg.call.answer();
  return leg;
}

async function ringGroup(
  room: Room,
  { from, to, declinedBy }: OpeningOf<"ring-group"> | OpeningOf<"queue">,
  number: string,
  members: readonly Role[],
): Promise<Pair> {
  const rings = members.filter((who) => who !== from).map((who) => room.nextCall(who));
  const caller = await room.dial(from, number);
  const legs = await Promise.all(rings);
  await delay(OTHERS_MS);
  const byRole = (who: Role | undefined) => legs.find((leg) => leg.who === who);
  byRole(declinedBy)?.call.reject(603, "Decline");
  const winner = byRole(to);
  if (winner === undefined)
    throw new RangeError(`ring group: expected one of ${members.join(", ")}, got ${to}`);
  return { caller, called: await answer(winner) };
}

async function forward(room: Room, { from, via, to }: OpeningOf<"forward">): Promise<Pair> {
  const [first, second] = [room.nextCall(via), room.nextCall(to)];
  const caller = await room.dial(from, room.numberOf(via));
  (await first).call.forward(room.numberOf(to));
  return { caller, called: await answer(await second) };
}

async function pickup(
  room: Room,
  control: PbxControl,
  { from, via, to, how }: OpeningOf<"pickup">,
): Promise<Pair> {
  const place = room.numberOf(via).slice(1);
  return control.inTurn(async () => {
    const ring = room.nextCall(via);
    const caller = await room.dial(from, room.numberOf(via));
    await ring;
    await delay(RING_MS);
    const called = await room.dial(to, how === "group" ? "*8" : `*8${place}`);
    await called.call.answered();
    return { caller, called };
  });
}

async function unanswered(room: Room, { from, to, why }: OpeningOf<"unanswered">): Promise<undefined> {
  const ring = room.nextCall(to);
  const caller = await room.dial(from, room.numberOf(to));
  const called = await ring;
  await delay(RING_MS);
  if (why === "abandoned") await caller.call.hangUp();
  else called.call.reject(why === "busy" ? 486 : 603);
  await caller.call.ended();
}
