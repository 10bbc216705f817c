// The stream for bench:events: the recorded calls over and over, each time with identities of their own, many calls at
// once, and as much dialplan noise that exactly one event in five matters.
import { callEventNames } from "../src/pbx/ami-events.ts";
import { readTrace, traceNames } from "../test/pbx/recorded-trace.ts";

export interface EventStream {
  readonly bytes: Buffer;
  readonly events: number;
  /** How many of them matter. */
  readonly wanted: number;
}

const noiseForEachWanted = 4;
/** Traces that are played side by side. */
const tracesAtOnce = 50;

export function createEventStream(minEvents: number): EventStream {
  const traces = traceNames().map((name) => withNoise(readTrace(name)));
  const plays: string[][] = [];
  let events = 0;
  while (events < minEvents) {
    const number = plays.length;
    const play = (traces[number % traces.length] ?? []).map((message) => withOwnIdentities(message, number));
    plays.push(play);
    events += play.length;
  }
  const messages: string[] = [];
  for (let from = 0; from < plays.length; from += tracesAtOnce) {
    messages.push(...interleave(plays.slice(from, from + tracesAtOnce)));
  }
  return {
    bytes: Buffer.from(messages.map((message) => `${message}\r\n\r\n`).join("")),
    events,
    wanted: events / (noiseForEachWanted + 1),
  };
}

/** The wanted events in their order, each followed by four of the same call that nobody wants. */
function withNoise(messages: readonly string[]): string[] {
  const isWanted = (message: string) => callEventNames.has(/^Event: (\w+)/.exec(message)?.[1] ?? "");
  const noise = messages.filter((message) => !isWanted(message));
  let used = 0;
  return messages.filter(isWanted).flatMap((message) => {
    const following = Array.from(
      { length: noiseForEachWanted },
      (_, i) => noise[(used + i) % noise.length] ?? "",
    );
    used += noiseForEachWanted;
    return [message, ...following];
  });
}

function withOwnIdentities(message: string, play: number): string {
  const hex = play.toString(16).padStart(6, "0");
  return message
    .replaceAll(/pbx-(\d+)\.(\d+)/g, (_, second, number) => `pbx-${second}.${play}${number.padStart(3, "0")}`)
    .replaceAll(/-000000([0-9a-f]{2})(?=[;\r]|$)/g, (_, number) => `-${hex}${number}`)
    .replaceAll(/\b[0-9a-f]{8}(?=-[0-9a-f]{4}-[0-9a-f]{4}-)/g, hex.padStart(8, "0"));
}

function interleave(plays: readonly (readonly string[])[]): string[] {
  const longest = Math.max(...plays.map((play) => play.length));
  const rounds = Array.from({ length: longest }, (_, i) => plays.map((play) => play[i]));
  return rounds.flat().filter((message) => message !== undefined);
}
