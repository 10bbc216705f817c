// One line of Master.csv. Sixteen columns are always there; cdr.conf adds uniqueid (loguniqueid), userfield
// (loguserfield) and at the end peeraccount, linkedid, sequence (newcdrcolumns), in this order (cdr_csv.c). Nothing in
// the file says which of them there are, so each line is taken by itself: the form may have changed in mid-file.

import type { Cdr } from "../core/cdr.ts";

export type CdrLine =
  | { readonly state: "read"; readonly cdr: Cdr }
  /** A CDR, but neither uniqueid nor linkedid says of which call. */
  | { readonly state: "nameless"; readonly cdr: Cdr }
  | { readonly state: "unreadable" };

/** In which time the file is written (`usegmtime`); "local" is the PBX's own, taken for this machine's. */
export type CdrClock = "utc" | "local";

const always = 16;
/** `1795622908.12`, or behind the systemname of asterisk.conf and a hyphen. */
const uniqueidForm = /^(?:.{1,60}-)?(\d{9,11})\.\d{1,10}$/;
const sequenceForm = /^\d+$/;

/** When the channel was made; undefined where the text is no uniqueid of Asterisk. */
export function secondOfUniqueid(uniqueid: string): number | undefined {
  const second = uniqueidForm.exec(uniqueid)?.[1];
  return second === undefined ? undefined : Number(second);
}

export function readCdrLine(columns: readonly string[], clock: CdrClock): CdrLine {
  const names = namesIn(columns);
  if (names === undefined) return { state: "unreadable" };
  const made = secondOfUniqueid(names.uniqueid || names.linkedid);
  const [started, answered, ended] = times(columns.slice(9, 12), clock, made);
  const [duration, answeredSeconds] = [Number(columns[12]), Number(columns[13])];
  if (started === undefined || ended === undefined) return { state: "unreadable" };
  if (!Number.isInteger(duration) || !Number.isInteger(answeredSeconds)) return { state: "unreadable" };
  const [, source = "", destination = "", , , channel = "", dstChannel = "", lastApp = ""] = columns;
  const cdr: Cdr = {
    ...names,
    source,
    destination,
    channel,
    dstChannel,
    lastApp,
    startedAt: started,
    answeredAt: answered,
    endedAt: ended,
    answeredSeconds,
    disposition: columns[14] ?? "",
  };
  return { state: names.uniqueid === "" && names.linkedid === "" ? "nameless" : "read", cdr };
}

function namesIn(columns: readonly string[]): Pick<Cdr, "uniqueid" | "linkedid"> | undefined {
  const more = columns.slice(always);
  if (columns.length < always || more.length > 5) return undefined;
  const hasNewColumns = more.length >= 3;
  if (hasNewColumns && !sequenceForm.test(more.at(-1) ?? "")) return undefined;
  const linkedid = hasNewColumns ? (more.at(-2) ?? "") : "";
  const [first = ""] = hasNewColumns ? more.slice(0, -3) : more;
  // Where one of the two optional columns is missing, the form of its value tells which it is.
  return { linkedid, uniqueid: uniqueidForm.test(first) ? first : "" };
}

const timeForm = /^(\d{4})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)$/;
const hourMs = 3_600_000;

function readTime(text: string | undefined, clock: CdrClock): number | undefined {
  const [, ...parts] = timeForm.exec(text ?? "") ?? [];
  if (parts.length === 0) return undefined;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts.map(Number);
  return clock === "utc"
    ? Date.UTC(year, month - 1, day, hour, minute, second)
    : new Date(year, month - 1, day, hour, minute, second).getTime();
}

/** Whether the clock shows this time twice, as it does for an hour in autumn. */
const isDoubled = (ms: number): boolean => new Date(ms).getHours() === new Date(ms + hourMs).getHours();

/** Start, answer, end. Of an hour that the clock shows twice the first is taken, unless the uniqueid knows better. */
function times(
  texts: readonly string[],
  clock: CdrClock,
  madeSecond: number | undefined,
): readonly (Date | undefined)[] {
  let leastMs = (madeSecond ?? 0) * 1000;
  return texts.map((text) => {
    const ms = readTime(text, clock);
    if (ms === undefined) return undefined;
    const right = clock === "local" && ms < leastMs && isDoubled(ms) ? ms + hourMs : ms;
    leastMs = Math.max(leastMs, right);
    return new Date(right);
  });
}
