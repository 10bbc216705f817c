// How many AMI events a second each client reads, on one core, over a real socket: Mitschnitt from the socket to the
// call tracker, beside plain ami-io and asterisk-manager that only parse. One event in five matters, as with the class
// `dialplan` switched on; a client that does not filter has to parse them all.
//
// Prints a table, and as its last line {"mitschnitt","amiIo","asteriskManager"} in events/s, the medians.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

const eventCount = 200_000;
const rounds = 5;
const roundDeadlineMs = 30_000;
const contenders = ["mitschnitt", "amiIo", "asteriskManager"] as const;
type Contender = (typeof contenders)[number];

interface Offer {
  readonly port: number;
  readonly events: number;
  readonly wanted: number;
  readonly bytes: number;
}

function start(file: string, ...args: (string | number)[]): ChildProcess {
  return fork(new URL(file, import.meta.url), args.map(String));
}

async function answer<T>(child: ChildProcess): Promise<T> {
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`${child.spawnargs.slice(2).join(" ")}: ended with ${code} and without a result`);
  });
  const signal = AbortSignal.timeout(roundDeadlineMs);
  const [message] = await Promise.race([once(child, "message", { signal }), ended]);
  // Both ends of this pipe are in this folder.
  return message as T;
}

async function eventsPerSecond(contender: Contender, offer: Offer): Promise<number> {
  // Mitschnitt's listeners see the events that matter, the others' see all.
  const expected = contender === "mitschnitt" ? offer.wanted : offer.events;
  const child = start("event-contender.ts", contender, offer.port, expected);
  try {
    const { seen, elapsedMs } = await answer<{ seen: number; elapsedMs: number }>(child);
    if (seen !== expected) throw new Error(`${contender} saw ${seen} events, expected ${expected}`);
    return (offer.events / elapsedMs) * 1_000;
  } finally {
    child.kill("SIGKILL");
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}

const server = start("event-server.ts", eventCount);
try {
  const offer = await answer<Offer>(server);
  console.log(
    `${offer.events} events, ${offer.wanted} of them matter, ${(offer.bytes / 1e6).toFixed(0)} MB, ${rounds} rounds`,
  );
  const rates: Record<Contender, number[]> = { mitschnitt: [], amiIo: [], asteriskManager: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) rates[contender].push(await eventsPerSecond(contender, offer));
  }
  console.log(
    `${"".padEnd(16)}${"median".padStart(12)}${"slowest".padStart(12)}${"fastest".padStart(12)}  events/s`,
  );
  for (const contender of contenders) {
    const values = rates[contender];
    const columns = [median(values), Math.min(...values), Math.max(...values)];
    console.log(
      contender.padEnd(16) + columns.map((value) => Math.round(value).toString().padStart(12)).join(""),
    );
  }
  console.log(JSON.stringify(Object.fromEntries(contenders.map((name) => [name, median(rates[name])]))));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  server.kill("SIGKILL");
}
