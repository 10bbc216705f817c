// Several random calls at once, and the verdict on each: what its phones heard against what was recorded meanwhile.

import { join } from "node:path";
import { waitUntil } from "../deadline.ts";
import type { Office } from "../office.ts";
import { findVoices } from "../sound/voice-finder.ts";
import { monoOf, readWav } from "../sound/wav.ts";
import { excusedBy, type Killer } from "./absences.ts";
import { createLanes, type Lanes } from "./lanes.ts";
import { type Ear, type Finding, type HeardRecording, judge } from "./oracle.ts";
import type { PbxControl } from "./pbx-control.ts";
import { perform } from "./perform.ts";
import type { CallPlan } from "./plan.ts";
import { isMember } from "./plan-call.ts";
import type { StallWatch } from "./real-time.ts";
import type { Room } from "./room.ts";
import type { Span } from "./spans.ts";
import { faultsIn } from "./verdict.ts";

export interface Verdict {
  readonly plan: CallPlan;
  /** What is wrong with its recordings. */
  readonly faults: readonly Finding[];
  /** What the phones could not do. */
  readonly failure: string | undefined;
}

export interface Place {
  readonly office: Office;
  readonly rooms: readonly Room[];
  readonly control: PbxControl;
  readonly watch: StallWatch;
  /** Linkedids that the journal has to know. */
  readonly seen: ReadonlySet<string>;
}

/** `startKiller` is asked when the first phone is about to dial. */
export async function playBatch(
  place: Place,
  plans: readonly CallPlan[],
  startKiller: () => Killer | undefined,
): Promise<Verdict[]> {
  const { office, rooms, watch } = place;
  if (plans.length > rooms.length)
    throw new RangeError(`batch: expected at most ${rooms.length} plans, got ${plans.length}`);
  const lanes = createLanes();
  const before = new Set(office.recordings().map(({ id }) => id));
  watch.stalls();
  const killer = startKiller();
  const played = await Promise.all(
    plans.flatMap((plan, index) => {
      const room = rooms[index];
      return room === undefined ? [] : [play(place, room, lanes, plan)];
    }),
  );
  const away = (await killer?.stop()) ?? [];
  const delays = rooms.flatMap((room) => room.legs.flatMap(({ call }) => call.rtp.delays()));
  const stalls = [...watch.stalls(), ...delays];
  lanes.check();
  await settled(place);
  const findings = await judged(place, lanes, before);
  return played.map(({ plan, room, failure, changes }) => {
    const own = findings.filter((finding) => concerns(finding, room));
    return { plan, failure, faults: faultsIn(plan, own, { stalls, excused: excusedBy(away, changes) }) };
  });
}

async function play({ control }: Place, room: Room, lanes: Lanes, plan: CallPlan) {
  const changes: Span[] = [];
  room.use(lanes);
  const failure = await perform({ room, control }, plan, changes).then(
    () => undefined,
    (error: Error) => error.message,
  );
  return { plan, room, failure, changes };
}

async function judged(
  { office, rooms }: Place,
  lanes: Lanes,
  before: ReadonlySet<string>,
): Promise<Finding[]> {
  const names = office
    .recordings()
    .flatMap(({ id, file_name }) => (before.has(id) || file_name === null ? [] : [file_name]));
  const recordings = await Promise.all(names.map((name) => hearRecording(office, name)));
  const ears = rooms.flatMap((room) => earsOf(room, lanes));
  return judge({ lanes, ears, recordings, isMembers: ({ who }) => isMember(who) });
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
async function settled({ office, seen }: Place): Promise<void> {
  await office.lab.idle();
  const isDone = (): boolean => {
    const known = new Set(office.calls().map(({ linkedid }) => linkedid));
    return [...seen].every((linkedid) => known.has(linkedid)) && office.isSettled();
  };
  await waitUntil("outcomes and deliveries", isDone, { timeoutMs: SETTLE_TIMEOUT_MS, intervalMs: 100 }).catch(
    () => {},
  );
}
