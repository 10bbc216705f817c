// A room of the office: six desks and two outside lines, each a SIP phone whose voice is a clock. Keeps every leg that
// there was, since what the phones heard is the truth by which recordings are judged.

import { setTimeout as delay } from "node:timers/promises";
import { waitUntil } from "../deadline.ts";
import { createSipPhone, type SipCall, type SipPhone } from "../sip/sip-phone.ts";
import { toneInBand, WINDOW } from "../sound/band-tone.ts";
import { momentOf, VOICE_AMPLITUDE } from "../sound/voice-clock.ts";
import type { Lane, Lanes } from "./lanes.ts";
import { DESKS, isLine, LINES, ROLES, type Role } from "./plan.ts";

/** One call of one phone. */
export interface Leg {
  readonly room: Room;
  readonly who: Role;
  readonly call: SipCall;
  readonly lane: Lane;
}

export interface Room {
  readonly number: number;
  /** In the order in which they began. */
  readonly legs: readonly Leg[];
  dial(who: Role, number: string): Promise<Leg>;
  /** The next call that rings there; nobody answers it unless told to. */
  nextCall(who: Role): Promise<Leg>;
  /** For a stream that begins anew: lower than all before. */
  lowerNumbers(): { readonly sequence: number };
  /** What others dial to reach the phone. */
  numberOf(who: Role, how?: "plain"): string;
  /** For the next calls: voices of a new batch. */
  use(lanes: Lanes): void;
  stop(): void;
}

/** The Asterisk endpoint of a phone, without `PJSIP/`. */
export function endpointIn(room: number, who: Role): string {
  return isLine(who) ? `line${room}${LINES.indexOf(who) + 1}` : `desk${room}${DESKS.indexOf(who) + 1}`;
}

/** Sequence numbers fall from stream to stream, so that each new peer begins below the one before. */
const FIRST_SEQUENCE = 60_000;
const SEQUENCE_STEP = 4_000;
const LOWEST_SEQUENCE = 5_000;

export async function openRoom(pbxPort: number, number: number, firstLanes: Lanes): Promise<Room> {
  let lanes = firstLanes;
  let sequence = FIRST_SEQUENCE;
  const laneOf = new Map<SipCall["rtp"]["sound"], Lane>();
  const phones = new Map<Role, SipPhone>();
  const legs: Leg[] = [];

  const newLane = (who: Role) => () => {
    const lane = lanes.open(who, number);
    laneOf.set(lane.sound, lane);
    return lane.sound;
  };
  const lowerNumbers = () => {
    sequence -= SEQUENCE_STEP;
    if (sequence < LOWEST_SEQUENCE) sequence = FIRST_SEQUENCE;
    return { sequence };
  };
  for (const who of ROLES) {
    const name = endpointIn(number, who);
    phones.set(
      who,
      await createSipPhone({ pbxPort, name, plays: newLane(who), rtp: lowerNumbers, incoming: "ring" }),
    );
  }
  const phoneOf = (who: Role): SipPhone => {
    const phone = phones.get(who);
    if (phone === undefined) throw new RangeError(`phone: expected one of ${ROLES.join(", ")}, got ${who}`);
    return phone;
  };
  function noteLeg(who: Role, call: SipCall): Leg {
    const lane = laneOf.get(call.rtp.sound) ?? lanes.open(who, number);
    const leg: Leg = { room, who, call, lane };
    legs.push(leg);
    void call.ended(LONGEST_CALL_MS).then(
      () => lane.end(),
      () => lane.end(),
    );
    return leg;
  }

  const room: Room = {
    number,
    legs,
    dial: async (who, to) => noteLeg(who, await phoneOf(who).dial({ to })),
    nextCall: async (who) => noteLeg(who, await phoneOf(who).nextCall()),
    lowerNumbers,
    numberOf(who, how) {
      const plain = how === "plain" ? "8" : "";
      const place = endpointIn(number, who).slice(-2);
      return isLine(who) ? `0${plain}9${place}` : `${plain}3${place}`;
    },
    use(next) {
      lanes = next;
      legs.length = 0;
    },
    stop() {
      for (const phone of phones.values()) phone.stop();
    },
  };
  return room;
}

const LONGEST_CALL_MS = 120_000;
/** A voice as it is heard just now lags behind its mouth by that much at most. */
const LAG_MS = 400;

/** Whether one hears the other now: his voice, at the moment that he speaks. */
export function hears(listener: Leg, speaker: Leg): boolean {
  const { start, spokenUntilMs } = speaker.lane;
  if (start === undefined) return false;
  const heard = listener.call.rtp.heardLately(WINDOW);
  if (heard.length < WINDOW) return false;
  const { hz, amplitude } = toneInBand(heard, 0, start.band);
  return amplitude > VOICE_AMPLITUDE / 2 && Math.abs(momentOf(start.band, hz) - spokenUntilMs) < LAG_MS;
}

/** Until both hear each other; then they talk for a while. */
export async function talk(one: Leg, other: Leg, talkMs: number): Promise<void> {
  await waitUntil(
    `${one.who} and ${other.who} hear each other`,
    () => hears(one, other) && hears(other, one),
    { timeoutMs: TALK_TIMEOUT_MS },
  );
  await delay(talkMs);
}

export async function untilUnheard(listener: Leg, speaker: Leg): Promise<void> {
  await waitUntil(`${listener.who} hears ${speaker.who} no longer`, () => !hears(listener, speaker), {
    timeoutMs: TALK_TIMEOUT_MS,
  });
}

const TALK_TIMEOUT_MS = 8_000;
