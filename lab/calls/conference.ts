// A call to the room's conference: one after the other comes, all of them talk, one after the other goes.

import { waitUntil } from "../deadline.ts";
import type { Opening } from "./plan.ts";
import { hears, type Leg, type Room, talk } from "./room.ts";

const ARRIVAL_MS = 400;

export async function confer(
  room: Room,
  { parties }: Extract<Opening, { kind: "conference" }>,
  talkMs: number,
): Promise<void> {
  const inside: Leg[] = [];
  for (const who of parties) {
    const leg = await room.dial(who, `4${room.number}2`);
    await leg.call.answered();
    inside.push(leg);
    for (const other of inside) if (other !== leg) await talk(leg, other, ARRIVAL_MS);
  }
  await waitUntil("all hear all", () =>
    inside.every((one) => inside.every((other) => one === other || hears(one, other))),
  );
  const [first, ...others] = inside;
  if (first !== undefined && others[0] !== undefined) await talk(first, others[0], talkMs);
  // Who came last goes first; the last two hear each other in between.
  for (const leg of inside.reverse()) {
    await leg.call.hangUp();
    const [one, other] = inside.filter(({ call }) => !call.isOver);
    if (one !== undefined && other !== undefined) await talk(one, other, ARRIVAL_MS);
  }
}
