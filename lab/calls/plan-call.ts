// Makes the plan of a random call from its seed. Pure: the same seed is the same call, and each move fits those who
// talk with each other when its turn comes.

import { type Chance, createChance } from "./chance.ts";
import {
  type CallPlan,
  DESKS,
  type Desk,
  isLine,
  type Move,
  type Opening,
  ROLES,
  type Role,
} from "./plan.ts";

/** Who talks now, as far as the plan goes. */
interface Talk {
  readonly pair: readonly [Role, Role];
  /** The PBX listens for the codes of features. */
  readonly features: boolean;
}

const MOST_MOVES = 3;
const SHORTEST_TALK_MS = 800;
const LONGEST_TALK_MS = 1_500;
/** A call of under a second. */
const SHORT_CALL_MS = 250;
/** With a report on RTP a second: talk goes on after the next one. */
const RESTART_TALK_MS = 2_200;

/** `pace` 2: people talk twice as long between the moves. */
export function planCall(seed: number, pace = 1): CallPlan {
  const chance = createChance(seed);
  const opening = planOpening(chance);
  let talk = talkAfterOpening(opening);
  const moves: Move[] = [];
  const isShort = talk !== undefined && chance.of(0.06);
  const count = isShort ? 0 : chance.between(0, MOST_MOVES);
  while (talk !== undefined && moves.length < count) {
    const move = planMove(chance, talk);
    moves.push(move);
    talk = talkAfter(move, talk);
  }
  const talkMs = [opening, ...moves].map((step) => {
    const usual = chance.between(SHORTEST_TALK_MS, LONGEST_TALK_MS);
    if (isShort) return SHORT_CALL_MS;
    return pace * usual + (step.kind === "restart" ? RESTART_TALK_MS : 0);
  });
  return { seed, opening, moves, talkMs, hangsUp: chance.of(0.5) ? "caller" : "called" };
}

const openings: readonly [number, Opening["kind"]][] = [
  [30, "direct"],
  [10, "ring-group"],
  [10, "queue"],
  [8, "forward"],
  [12, "local"],
  [10, "pickup"],
  [10, "conference"],
  [10, "unanswered"],
];

function weighted<T>(chance: Chance, choices: readonly (readonly [number, T])[]): T {
  return chance.pick(choices.flatMap(([weight, choice]) => Array.from({ length: weight }, () => choice)));
}

const except = <R extends Role>(roles: readonly R[], ...taken: readonly (Role | undefined)[]): R[] =>
  roles.filter((role) => !taken.includes(role));

function planOpening(chance: Chance): Opening {
  const kind = weighted(chance, openings);
  switch (kind) {
    case "direct":
    case "unanswered": {
      const from = chance.pick(ROLES);
      const to = chance.pick(except(isLine(from) ? DESKS : ROLES, from));
      if (kind === "unanswered")
        return { kind, from, to, why: chance.pick(["busy", "declined", "abandoned"]) };
      return { kind, from, to, plain: chance.of(0.25) };
    }
    case "ring-group":
    case "queue": {
      const members =
        kind === "queue" ? (["anna", "ben", "cora"] as const) : (["anna", "ben", "emil"] as const);
      const from = chance.pick(except(ROLES, ...members));
      const to = chance.pick(members);
      const declinedBy = chance.pick(except(members, to));
      return chance.of(0.5) ? { kind, from, to, declinedBy } : { kind, from, to };
    }
    case "forward": {
      const from = chance.pick(ROLES);
      const via = chance.pick(except(DESKS, from));
      return { kind, from, via, to: chance.pick(except(isLine(from) ? DESKS : ROLES, from, via)) };
    }
    case "local": {
      const from = chance.pick(ROLES);
      return { kind, from, to: chance.pick(except(DESKS, from)), stays: chance.of(0.5) };
    }
    case "pickup": {
      const from = chance.pick(ROLES);
      const via = chance.pick(except(DESKS, from));
      const to = chance.pick(except(DESKS, from, via));
      return { kind, from, via, to, how: chance.pick(["directed", "group"]) };
    }
    case "conference": {
      const first = chance.pick(ROLES);
      const second = chance.pick(except(ROLES, first));
      const third = chance.pick(except(ROLES, first, second));
      return { kind, parties: chance.of(0.7) ? [first, second, third] : [first, second] };
    }
  }
}

function talkAfterOpening(opening: Opening): Talk | undefined {
  if (opening.kind === "unanswered" || opening.kind === "conference") return undefined;
  const { kind, from, to } = opening;
  const features = (kind === "direct" && !opening.plain) || kind === "ring-group" || kind === "queue";
  return { pair: [from, to], features };
}

function planMove(chance: Chance, { pair, features }: Talk): Move {
  const desks = except(DESKS, ...except(ROLES, ...pair));
  const free = except(ROLES, ...pair);
  const freeDesks = except(DESKS, ...pair);
  const kinds: [number, Move["kind"]][] = [
    [20, "hold"],
    [12, "restart"],
  ];
  if (desks.length > 0) kinds.push([25, "blind"], [25, "attended"], [12, "park"], [8, "second-call"]);
  const kind = weighted(chance, kinds);
  switch (kind) {
    case "hold":
      return { kind, by: chance.pick(pair), holdMs: chance.between(500, 1_200), restart: chance.of(0.4) };
    case "restart":
      return { kind, by: chance.pick(pair) };
    case "blind": {
      const how = chance.pick(features ? (["refer", "dtmf", "ami"] as const) : (["refer", "ami"] as const));
      return { kind, by: chance.pick(desks), to: chance.pick(how === "dtmf" ? freeDesks : free), how };
    }
    case "attended": {
      const how = chance.pick(features ? (["refer", "dtmf"] as const) : (["refer"] as const));
      const ends = chance.pick(["completed", "completed", "cancelled", "busy"] as const);
      return { kind, by: chance.pick(desks), to: chance.pick(how === "dtmf" ? freeDesks : free), how, ends };
    }
    case "park": {
      const how = chance.pick(features ? (["refer", "dtmf"] as const) : (["refer"] as const));
      const by = chance.pick(desks);
      // The lot of the feature keeps its calls for long, so somebody has to take them back.
      if (how === "refer" && chance.of(0.35)) return { kind, by, how };
      return { kind, by, how, takenBy: chance.pick(freeDesks) };
    }
    case "second-call":
      return { kind, from: chance.pick(free), to: chance.pick(desks) };
  }
}

const swapped = ([one, other]: Talk["pair"], gone: Role, by: Role): Talk["pair"] =>
  one === gone ? [by, other] : [one, by];

function talkAfter(move: Move, talk: Talk): Talk {
  switch (move.kind) {
    case "blind":
      return { pair: swapped(talk.pair, move.by, move.to), features: true };
    case "attended":
      return move.ends === "completed"
        ? { pair: swapped(talk.pair, move.by, move.to), features: false }
        : talk;
    case "park":
      return { pair: swapped(talk.pair, move.by, move.takenBy ?? move.by), features: false };
    default:
      return talk;
  }
}

/** Whoever in the room can be a member of a group: for the settings of the office under test. */
export const GROUPS: readonly { readonly id: string; readonly members: readonly Desk[] }[] = [
  { id: "sales", members: ["anna", "ben", "cora"] },
  { id: "service", members: ["dora"] },
];

export const isMember = (role: Role): boolean =>
  GROUPS.some(({ members }) => members.some((who) => who === role));
