// What following calls costs, and whether it stays so: a million events of random calls through tracker, conversations,
// decision, plan and story, beside a plain script that keeps a Map of channels by linkedid. Both get the same events, made
// outside the time that is taken, each in a process of its own. The heap is read after a garbage collection, when
// everybody has hung up, so whatever grows there is kept for nothing.
//
// Prints a line for each tenth, and as its last line {"events","usPerEvent",…} with the script's figures in "plainScript".

import { fork } from "node:child_process";
import { once } from "node:events";
import type { Tenth } from "./tracker-contender.ts";

const eventCount = 1_000_000;
const seed = 20_261_102;
const deadlineMs = 10 * 60_000;
const contenders = ["mitschnitt", "plainScript"] as const;

async function run(contender: (typeof contenders)[number]): Promise<readonly Tenth[]> {
  const program = new URL("tracker-contender.ts", import.meta.url);
  const child = fork(program, [contender, eventCount, seed].map(String), {
    execArgv: [...process.execArgv, "--expose-gc"],
  });
  const tenths: Tenth[] = [];
  child.on("message", (tenth: Tenth) => {
    tenths.push(tenth);
    const { events, usPerEvent, heapMb, calls, recorded } = tenth;
    console.log(
      `${contender.padEnd(12)}${String(events).padStart(9)} events ${usPerEvent.toFixed(2).padStart(6)} µs/event ` +
        `${heapMb.toFixed(2).padStart(7)} MB  ${calls} calls, ${recorded} recorded`,
    );
  });
  const [code] = await once(child, "exit", { signal: AbortSignal.timeout(deadlineMs) });
  if (code !== 0) throw new Error(`${contender}: ended with ${code}`);
  return tenths;
}

const round = (value: number): number => Math.round(value * 100) / 100;

function summary(tenths: readonly Tenth[]): Record<string, number> {
  const [first, last] = [tenths[0], tenths.at(-1)];
  if (first === undefined || last === undefined) throw new Error("no result");
  return {
    events: last.events,
    calls: last.calls,
    usPerEvent: round(tenths.reduce((sum, { usPerEvent }) => sum + usPerEvent, 0) / tenths.length),
    usPerEventFirstTenth: round(first.usPerEvent),
    usPerEventLastTenth: round(last.usPerEvent),
    heapMbFirst: round(first.heapMb),
    heapMbLast: round(last.heapMb),
  };
}

const ours = summary(await run("mitschnitt"));
const theirs = summary(await run("plainScript"));
console.log(JSON.stringify({ ...ours, plainScript: theirs }));
