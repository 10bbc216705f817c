// One contender of bench:tracker, in a process of its own: takes in the same random days, and reports for each tenth of
// them the time on the processor that its own work took and the heap that is left when everybody has hung up.

import { createEndlessDays } from "../lab/imagined/endless-days.ts";
import type { CallEvent } from "../src/core/call-event.ts";
import { createFollowedCalls } from "./followed-calls.ts";
import { createPlainScript } from "./plain-script.ts";

export interface Tenth {
  readonly events: number;
  readonly usPerEvent: number;
  readonly heapMb: number;
  /** Calls begun so far, and how many of them had something to record. */
  readonly calls: number;
  readonly recorded: number;
}

export interface Contender {
  apply(event: CallEvent): void;
  readonly calls: number;
  readonly recorded: number;
}

const eventsPerDay = 5_000;
const tenths = 10;

const [, , name, eventCount, seed] = process.argv;
const collectGarbage = globalThis.gc;
if (collectGarbage === undefined) throw new Error("expected node --expose-gc");

const days = createEndlessDays(Number(seed));
const contender = name === "mitschnitt" ? createFollowedCalls() : createPlainScript();

/** The day is made, and the rubbish of that is gone, before time is taken: what others do on this machine is none of it. */
function liveADay(): { readonly events: number; readonly cpuUs: number } {
  const events = days.nextDay(eventsPerDay);
  collectGarbage?.();
  const before = process.cpuUsage();
  for (const event of events) contender.apply(event);
  const { user, system } = process.cpuUsage(before);
  return { events: events.length, cpuUs: user + system };
}

// Once before, so that no tenth pays for the compiler.
for (let events = 0; events < 10 * eventsPerDay; ) events += liveADay().events;

let events = 0;
for (let tenth = 1; tenth <= tenths; tenth++) {
  const [eventsBefore, until] = [events, (Number(eventCount) * tenth) / tenths];
  let cpuUs = 0;
  while (events < until) {
    const day = liveADay();
    events += day.events;
    cpuUs += day.cpuUs;
  }
  collectGarbage();
  const report: Tenth = {
    events,
    usPerEvent: cpuUs / (events - eventsBefore),
    heapMb: process.memoryUsage().heapUsed / 1e6,
    calls: contender.calls,
    recorded: contender.recorded,
  };
  process.send?.(report);
}
process.disconnect?.();
