// The office with rooms in it: several random calls at once on a real PBX with the real module, and the verdict on each.

import { join } from "node:path";
import { waitUntil } from "../deadline.ts";
import { type Office, type OfficeOptions, openOffice } from "../office.ts";
import { findVoices } from "../sound/voice-finder.ts";
import { monoOf, readWav } from "../sound/wav.ts";
import { createLanes, type Lane, type Lanes } from "./lanes.ts";
import { ledgerProblems, watchCalls } from "./ledger.ts";
import { type Ear, type Finding, type HeardRecording, judge } from "./oracle.ts";
import { pbxControlOf } from "./pbx-control.ts";
import { perform } from "./perform.ts";
import { type CallPlan, DESKS, LINES } from "./plan.ts";
import { GROUPS, isMember } from "./plan-call.ts";
import { takePrecedence, watchStalls } from "./real-time.ts";
import { endpointIn, openRoom, type Room } from "./room.ts";
import { faultsIn } from "./verdict.ts";

/** As many as the PBX of the lab has. */
export const ROOMS = [1, 2, 3, 4] as const;

export interface Verdict {
  readonly plan: CallPlan;
  /** What is wrong with its recordings. */
  readonly faults: readonly Finding[];
  /** What the phones could not do. */
  readonly failure: string | undefined;
}

export interface Exchange {
  readonly office: Office;
  /** One call in each room, at once; not more than there are rooms. */
  batch(plans: readonly CallPlan[]): Promise<Verdict[]>;
  /** What is wrong in the books, after all calls so far. */
  ledgerProblems(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function openExchange(options: Omit<OfficeOptions, "settings">): Promise<Exchange> {
  const giveBack = takePrecedence();
  const office = await openOffice({ ...options, settings: roomSettings });
  const seen = watchCalls(office.lab.pbx.ami);
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

  async function batch(plans: readonly CallPlan[]): Promise<Verdict[]> {
    const lanes = createLanes();
    watch.stalls();
    const before = new Set(office.recordings().map(({ id }) => id));
    const results = await Promise.all(
      plans.map(async (plan, index) => {
        const room = rooms[index];
        if (room === undefined)
          throw new RangeError(`batch: expected at most ${rooms.length} plans, got ${plans.length}`);
        room.use(lanes);
        const failure = await perform({ room, control }, plan).then(
          () => undefined,
          (error: Error) => error.message,
        );
        return { plan, room, failure };
      }),
    );
    const stalls = watch.stalls();
    await settled(office, seen);
    const names = office
      .recordings()
      .flatMap(({ id, file_name }) => (before.has(id) || file_name === null ? [] : [file_name]));
    const recordings = await Promise.all(names.map((name) => hearRecording(office, name)));
    const ears = rooms.slice(0, plans.length).flatMap((room) => earsOf(room, lanes));
    const isMembers = ({ who }: Lane) => isMember(who);
    const findings = judge({ lanes, ears, recordings, isMembers });
    return results.map(({ plan, room, failure }) => ({
      plan,
      failure,
      faults: faultsIn(
        plan,
        findings.filter((finding) => concerns(finding, room)),
        stalls,
      ),
    }));
  }

  return {
    office,
    batch,
    ledgerProblems: () => ledgerProblems(office, seen),
    async stop() {
      watch.stop();
      for (const room of rooms) room.stop();
      await office.stop();
      giveBack();
    },
  };
}

/** What belongs to no room is told with the first one. */
function concerns(finding: Finding, { number }: Room): boolean {
  return "lane" in finding ? finding.lane.room === number : number === 1;
}

function earsOf(room: Room, lanes: Lanes): Ear[] {
  const bands = new Set(
    lanes
      .all()
      .flatMap(({ room: number, start }) =>
        number === room.number && start !== undefined ? [start.band] : [],
      ),
  );
  return room.legs.map(({ who, lane, call }) => ({
    isMember: isMember(who),
    lane,
    heard: findVoices(call.heard(), bands),
  }));
}

async function hearRecording(office: Office, name: string): Promise<HeardRecording> {
  const sound = await readWav(join(office.dataFolder, "spool/transfer", name));
  return { name, heard: findVoices(monoOf(sound)) };
}

const SETTLE_TIMEOUT_MS = 20_000;

/** What never settles is found by the ledger afterwards. */
async function settled(office: Office, seen: ReadonlySet<string>): Promise<void> {
  await office.lab.idle();
  const isDone = (): boolean => {
    const known = new Set(office.calls().map(({ linkedid }) => linkedid));
    return [...seen].every((linkedid) => known.has(linkedid)) && office.isSettled();
  };
  await waitUntil("outcomes and deliveries", isDone, { timeoutMs: SETTLE_TIMEOUT_MS, intervalMs: 100 }).catch(
    () => {},
  );
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
