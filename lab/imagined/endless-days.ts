// Day after day on an imagined PBX, from a seed: as many events as anybody wants, the same for the same seed, and
// nobody is left on the line at the end of a day. What is kept does not grow with what was told.

import type { CallEvent, ChannelEvent, ChannelFacts } from "../../src/core/call-event.ts";
import { createImaginedPbx } from "./imagined-pbx.ts";
import { type Move, moveKinds, perform } from "./moves.ts";
import { seededRandom } from "./seeded-random.ts";

export interface EndlessDays {
  /** The events of the next day, at least as many as wanted; every channel in them has ended at the end. */
  nextDay(leastEvents: number): readonly CallEvent[];
}

/** Some twenty calls at once; the imagined PBX looks through all its lines at each move. */
const mostLines = 60;
/** Answers are what makes days interesting. */
const kinds: readonly Move["kind"][] = [...moveKinds, ...Array<Move["kind"]>(6).fill("answer")];
const kindsOfEnding: readonly Move["kind"][] = ["hang up", "abandon"];
const betweenMovesMs = 50;

export function createEndlessDays(seed: number): EndlessDays {
  const random = seededRandom(seed);
  const below = (bound: number): number => Math.floor(random() * bound);
  let timeMs = Date.UTC(2026, 10, 2, 8);
  const pbx = createImaginedPbx(() => new Date(timeMs++));

  const move = (): void => {
    const among = pbx.lineCount() < mostLines ? kinds : kindsOfEnding;
    const kind = among[below(among.length)] ?? "answer";
    perform(pbx, { kind, pick: below(1000), other: below(1000) });
    timeMs += below(betweenMovesMs);
  };

  return {
    nextDay(leastEvents) {
      const events: CallEvent[] = [];
      while (events.length < leastEvents) {
        move();
        for (const event of pbx.take().events) events.push(...withUpdates(event));
      }
      pbx.hangUpAll();
      return [...events, ...pbx.take().events];
    },
  };
}

/** Newstate, NewCallerid and NewConnectedLine, where the recorded calls have them; a third of all events. */
function withUpdates(event: CallEvent): readonly CallEvent[] {
  if (event.type !== "DialBegin" && event.type !== "DialEnd") return [event];
  const { at, caller, callee } = event;
  const update = (channel: ChannelFacts): ChannelEvent => ({ type: "ChannelUpdate", at, channel });
  const ofCaller = caller === undefined ? [] : [update(caller)];
  if (event.type === "DialBegin") return [update(callee), event, ...ofCaller, update(callee)];
  return event.status === "ANSWER" ? [update(callee), event, ...ofCaller] : [event];
}
