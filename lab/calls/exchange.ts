// The office with rooms in it: the place of random calls on a real PBX with the real module.

import { type Office, type OfficeOptions, openOffice } from "../office.ts";
import { type Killer, killAtRandom } from "./absences.ts";
import { playBatch, type Verdict } from "./batch.ts";
import type { Chance } from "./chance.ts";
import { createLanes } from "./lanes.ts";
import { ledgerProblems, watchCalls } from "./ledger.ts";
import { pbxControlOf } from "./pbx-control.ts";
import { type CallPlan, DESKS, LINES } from "./plan.ts";
import { GROUPS } from "./plan-call.ts";
import { takePrecedence, watchStalls } from "./real-time.ts";
import { endpointIn, openRoom, type Room } from "./room.ts";

/** As many as the PBX of the lab has. */
export const ROOMS = [1, 2, 3, 4] as const;

export interface BatchOptions {
  /** The module is killed and started again as chance will have it, while the calls go on. */
  readonly chance?: Chance;
}

export interface Exchange {
  readonly office: Office;
  /** One call in each room, at once; not more than there are rooms. */
  batch(plans: readonly CallPlan[], options?: BatchOptions): Promise<Verdict[]>;
  /** What is wrong in the books, after all calls so far. */
  ledgerProblems(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function openExchange(options: Omit<OfficeOptions, "settings">): Promise<Exchange> {
  const giveBack = takePrecedence();
  const office = await openOffice({ ...options, settings: roomSettings });
  let killer: Killer | undefined;
  const seen = watchCalls(office.lab.pbx.ami, () => killer?.isAway !== true);
  const rooms: Room[] = [];
  try {
    for (const number of ROOMS) rooms.push(await openRoom(office.lab.sipPort, number, createLanes()));
  } catch (error) {
    for (const room of rooms) room.stop();
    await office.stop();
    giveBack();
    throw error;
  }
  const control = pbxControlOf(office.lab.pbx);
  const watch = watchStalls();

  return {
    office,
    batch: (plans, { chance } = {}) =>
      playBatch({ office, rooms, control, watch, seen }, plans, () => {
        killer = chance && killAtRandom(office.module, chance);
        return killer;
      }),
    ledgerProblems: () => ledgerProblems(office, seen, killer !== undefined),
    async stop() {
      watch.stop();
      for (const room of rooms) room.stop();
      await office.stop();
      giveBack();
    },
  };
}

function roomSettings(_: string, amiPort: number): Readonly<Record<string, unknown>> {
  const rules = GROUPS.map(({ id, members }) => ({
    id,
    name: id,
    enabled: true,
    members: ROOMS.flatMap((room) =>
      members.map((who) => ({
        extension: `3${room}${DESKS.indexOf(who) + 1}`,
        name: `${who} ${room}`,
        endpoints: [`PJSIP/${endpointIn(room, who)}`],
      })),
    ),
    directions: { incoming: true, outgoing: true, internal: true },
  }));
  const trunks = ROOMS.flatMap((room) => LINES.map((line) => `PJSIP/${endpointIn(room, line)}`));
  return { rules, pbx: { host: "127.0.0.1", port: amiPort, user: "mitschnitt", trunks } };
}
