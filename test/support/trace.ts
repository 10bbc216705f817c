// Reads the raw AMI events of real calls in test/traces: one event a line, `+seconds Header: value | Header: value`.

import { readdirSync, readFileSync } from "node:fs";
import type { CallEvent } from "../../src/core/call-event.ts";
import { createCallEventReader } from "../../src/pbx/ami-events.ts";
import type { AmiEvent } from "../../src/pbx/ami-message.ts";

const folder = new URL("../traces/", import.meta.url);
/** The traces' own zero; any day will do. */
const start = new Date("2026-11-02T10:00:00Z").getTime();

export const traceNames: readonly string[] = readdirSync(folder).map((name) => name.replace(/\.txt$/, ""));

interface TracedEvent {
  readonly at: Date;
  readonly event: AmiEvent;
}

export function readAmiTrace(name: string): readonly TracedEvent[] {
  const lines = readFileSync(new URL(`${name}.txt`, folder), "utf8").split("\n");
  return lines.flatMap((line) => {
    const match = /^\+([\d.]+) (Event: .*)$/.exec(line);
    if (match === null) return [];
    const headers = (match[2] ?? "").split(" | ").map((header) => {
      const colon = header.indexOf(":");
      return [header.slice(0, colon), header.slice(colon + 1).trim()] as const;
    });
    const event = Object.assign(Object.create(null), Object.fromEntries(headers)) as AmiEvent;
    return [{ at: new Date(start + Number(match[1]) * 1000), event }];
  });
}

/** The trace as the core sees it. */
export function readTrace(name: string): readonly CallEvent[] {
  let now = new Date(start);
  const reader = createCallEventReader({
    log: { info: () => undefined, warn: () => undefined },
    clock: { now: () => now, after: () => () => undefined },
  });
  const events: CallEvent[] = [];
  for (const { at, event } of readAmiTrace(name)) {
    now = at;
    const callEvent = reader.read(event);
    if (callEvent !== undefined) events.push(callEvent);
  }
  return events;
}
