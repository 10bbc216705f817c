// Who speaks in which band from which moment on: each stream of each phone gets moments of its own, so that whatever is
// heard anywhere belongs to one stream only. They are given out while the calls go on, where there is most room.

import { LabError } from "../lab-error.ts";
import type { Sound } from "../sip/rtp-stream.ts";
import { BAND_MS, BANDS, speak, type VoiceMoment } from "../sound/voice-clock.ts";
import type { Role } from "./plan.ts";

/** The moments of one stream. */
export interface Lane {
  readonly who: Role;
  readonly room: number;
  /** Undefined until the first word. */
  readonly start: VoiceMoment | undefined;
  /** When its first word was said, by the lab's clock (`performance.now()`); NaN while there is none. */
  readonly beganAtMs: number;
  /** The moment behind the last word; `start` while there is none. */
  readonly spokenUntilMs: number;
  readonly sound: Sound;
  /** Nothing more is said; what was kept free for it is given to others. */
  end(): void;
}

export interface Lanes {
  open(who: Role, room: number): Lane;
  all(): readonly Lane[];
  /** Throws where a voice ran into the moments of another one: then nothing can be said of what was heard. */
  check(): void;
  /** Whose moment that is; a little before and after the lane's own belongs to it, too. */
  at(moment: VoiceMoment): Lane | undefined;
}

interface Used {
  readonly lane: Lane;
  readonly start: VoiceMoment;
  isOver: boolean;
}

/** What a decoder may err at the edges. */
const EDGE_MS = 150;
/** Between the end of one stream and the beginning of the next in a band. */
const DISTANCE_MS = 600;

export function createLanes(): Lanes {
  const lanes: Lane[] = [];
  const used: Used[] = [];

  const inBand = (band: number): Used[] =>
    used.filter(({ start }) => start.band === band).sort((a, b) => a.start.ms - b.start.ms);

  /** The best place in a band, and how long its stream and the one before it can speak then. */
  function placeIn(band: number): { readonly start: VoiceMoment; readonly roomMs: number } {
    const there = inBand(band);
    const places = there.map((before, index) => {
      const limit = (there[index + 1]?.start.ms ?? BAND_MS) - DISTANCE_MS;
      const end = before.lane.spokenUntilMs + DISTANCE_MS;
      const ms = before.isOver ? end : (end + limit) / 2;
      return { start: { band, ms }, roomMs: limit - ms };
    });
    if ((there[0]?.start.ms ?? 1) > 0)
      places.push({ start: { band, ms: 0 }, roomMs: (there[0]?.start.ms ?? BAND_MS) - DISTANCE_MS });
    return places.reduce((best, place) => (place.roomMs > best.roomMs ? place : best));
  }

  /** Voices of one room are mixed, so each has a band of its own. */
  function place(room: number): VoiceMoment {
    const taken = new Set(
      used.flatMap(({ lane, start, isOver }) => (lane.room === room && !isOver ? [start.band] : [])),
    );
    const places = Array.from({ length: BANDS }, (_, band) => band)
      .filter((band) => !taken.has(band))
      .map(placeIn);
    const best = places.reduce((a, b) => (b.roomMs > a.roomMs ? b : a), nowhere);
    return best.start;
  }

  return {
    open(who, room) {
      let own: Used | undefined;
      let beganAtMs = Number.NaN;
      let spokenMs = 0;
      const lane: Lane = {
        who,
        room,
        get start() {
          return own?.start;
        },
        get beganAtMs() {
          return beganAtMs;
        },
        get spokenUntilMs() {
          return (own?.start.ms ?? 0) + spokenMs;
        },
        sound(from, length) {
          if (own === undefined) {
            own = { lane, start: place(room), isOver: false };
            used.push(own);
            beganAtMs = performance.now() - from / 8;
          }
          spokenMs = Math.max(spokenMs, (from + length) / 8);
          return speak(own.start, from, length);
        },
        end() {
          if (own !== undefined) own.isOver = true;
        },
      };
      lanes.push(lane);
      return lane;
    },
    all: () => lanes,
    check() {
      for (let band = 0; band < BANDS; band += 1) {
        const there = inBand(band);
        const crowdedAt = there.findIndex(
          ({ lane }, index) => lane.spokenUntilMs > (there[index + 1]?.start.ms ?? BAND_MS) - EDGE_MS,
        );
        if (crowdedAt >= 0) throw crowded(used.length);
      }
    },
    at: ({ band, ms }) =>
      inBand(band).find(({ start, lane }) => ms >= start.ms - EDGE_MS && ms <= lane.spokenUntilMs + EDGE_MS)
        ?.lane,
  };
}

/** Where there is no room at all; `check` says so then. */
const nowhere = { start: { band: 0, ms: BAND_MS }, roomMs: 0 };

const crowded = (count: number): LabError =>
  new LabError(`one of ${count} voices ran into the moments of another`, {
    code: "lab-lanes-full",
    hint: "Let fewer calls go on at once, or shorter ones.",
  });
