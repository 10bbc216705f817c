// Lines as cdr_csv writes them: say what matters, the rest is filled in. As in the file, times have whole seconds.

import type { Cdr } from "../../src/core/cdr.ts";

/** An answered incoming call to alice: 10:00:00 to 10:01:00 UTC, answered at 10:00:05. */
export function cdr(facts: Partial<Cdr> = {}): Cdr {
  const startedAt = facts.startedAt ?? new Date("2026-11-25T10:00:00Z");
  const after = (seconds: number): Date => new Date(startedAt.getTime() + seconds * 1000);
  const disposition = facts.disposition ?? "ANSWERED";
  const answeredAt = disposition === "ANSWERED" ? after(5) : undefined;
  const endedAt = facts.endedAt ?? after(60);
  const from = facts.answeredAt ?? answeredAt ?? endedAt;
  return {
    uniqueid: "1795600800.1",
    linkedid: "1795600800.1",
    channel: "PJSIP/trunk-00000001",
    dstChannel: "PJSIP/alice-00000002",
    source: "0301234567",
    destination: "100",
    lastApp: "Dial",
    startedAt,
    answeredAt,
    endedAt,
    answeredSeconds: (endedAt.getTime() - from.getTime()) / 1000,
    disposition,
    ...facts,
  };
}

export interface LineForm {
  readonly uniqueid?: boolean;
  readonly userfield?: string;
  readonly newColumns?: boolean;
  /** How a time is written; in UTC unless given. */
  readonly write?: (at: Date) => string;
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const inUtc = (at: Date): string => at.toISOString().slice(0, 19).replace("T", " ");

export function cdrLine(
  facts: Cdr,
  { uniqueid = true, userfield, newColumns = true, write = inUtc }: LineForm = {},
): string {
  const time = (at: Date | undefined): string => (at === undefined ? "" : quoted(write(at)));
  const seconds = Math.floor((facts.endedAt.getTime() - facts.startedAt.getTime()) / 1000);
  return [
    ...["", facts.source, facts.destination, "from-trunk", `"Name" <${facts.source}>`].map(quoted),
    ...[facts.channel, facts.dstChannel, facts.lastApp, "PJSIP/alice,30"].map(quoted),
    ...[time(facts.startedAt), time(facts.answeredAt), time(facts.endedAt)],
    ...[String(seconds), String(facts.answeredSeconds)],
    ...[facts.disposition, "DOCUMENTATION"].map(quoted),
    ...(uniqueid ? [quoted(facts.uniqueid)] : []),
    ...(userfield === undefined ? [] : [quoted(userfield)]),
    ...(newColumns ? [quoted(""), quoted(facts.linkedid), "7"] : []),
  ].join(",");
}
