// The recorded AMI events in test/traces, as the messages that Asterisk sent.
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../traces/", import.meta.url);

export function traceNames(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".txt"))
    .sort();
}

/** Each message with CRLF between its headers, without the closing empty line. */
export function readTrace(name: string): string[] {
  return readFileSync(new URL(name, folder), "utf8")
    .split("\n")
    .filter((line) => line.startsWith("+"))
    .map((line) =>
      line
        .slice(line.indexOf(" ") + 1)
        .split(" | ")
        .join("\r\n"),
    );
}

export function allTraces(): string[] {
  return traceNames().flatMap(readTrace);
}
