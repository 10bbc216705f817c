// Whether the books close after some calls: one outcome for each call of the PBX, nothing open, everything delivered as
// it was finished. Each check says what is wrong in a sentence a line.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AmiMessage, LabAmi } from "../ami.ts";
import { waitUntil } from "../deadline.ts";
import type { Office } from "../office.ts";

/** `wasAway`: the module was killed meanwhile, so a conversation that ended as it came back may be missing, if it says so. */
export type LedgerCheck = (
  office: Office,
  seen: ReadonlySet<string>,
  wasAway: boolean,
) => Promise<readonly string[]>;

export const ledgerChecks: readonly LedgerCheck[] = [
  everyCallHasOneOutcome,
  nothingIsOpen,
  deliveredAsFinished,
  agreesWithTheCdrs,
];

export async function ledgerProblems(
  office: Office,
  seen: ReadonlySet<string>,
  wasAway: boolean,
): Promise<string[]> {
  return (await Promise.all(ledgerChecks.map((check) => check(office, seen, wasAway)))).flat();
}

/** The linkedids of the calls that begin from now on, while somebody can see them: what the journal has to know. */
export function watchCalls(ami: LabAmi, canBeSeen: () => boolean): ReadonlySet<string> {
  const seen = new Set<string>();
  ami.onEvent(({ Event, Channel = "", Uniqueid = "", Linkedid }: AmiMessage) => {
    const begins = Event === "Newchannel" && Uniqueid === Linkedid && Channel.startsWith("PJSIP/");
    if (begins && canBeSeen()) seen.add(Uniqueid);
  });
  return seen;
}

async function everyCallHasOneOutcome(office: Office, seen: ReadonlySet<string>): Promise<string[]> {
  const rows = office.calls();
  const open = rows
    .filter(({ outcome }) => outcome === null)
    .map(({ linkedid }) => `call ${linkedid} has no outcome`);
  const unknown = [...seen]
    .map((linkedid) => ({ linkedid, count: rows.filter((row) => row.linkedid === linkedid).length }))
    .filter(({ count }) => count !== 1)
    .map(({ linkedid, count }) => `call ${linkedid} is ${count} times in the journal`);
  return [...open, ...unknown];
}

async function nothingIsOpen(office: Office, _: ReadonlySet<string>, wasAway: boolean): Promise<string[]> {
  const unfinished = office
    .recordings()
    .filter(({ state }) => state !== "finished")
    .filter(({ state, reason_code }) => !(wasAway && state === "failed" && reason_code === "channel-gone"))
    .map(({ id, state, reason_code }) => `recording ${id} is ${state} ${reason_code ?? ""}`);
  const files = await readdir(join(office.dataFolder, "spool/open"));
  return [...unfinished, ...files.map((name) => `spool/open/${name} was left`)];
}

/** `mitschnitt verify` judges a call ten seconds after its end. */
const VERIFY_TIMEOUT_MS = 40_000;

/** A call that nobody could see is missing in the ledger, and `verify` has to say so; anything else is a problem. */
async function agreesWithTheCdrs(office: Office, seen: ReadonlySet<string>): Promise<string[]> {
  let lines: Difference[] = [];
  const isSettled = async (): Promise<boolean> => {
    const conf = join(office.lab.pbx.etcDir, "asterisk.conf");
    const { code, stdout, stderr } = await office.mitschnitt("verify", "--json", "--asterisk-conf", conf);
    if (stdout === "") throw new Error(`mitschnitt verify ended with ${code}: ${stderr}`);
    lines = stdout
      .trim()
      .split("\n")
      .map((line): Difference => JSON.parse(line));
    return lines.at(-1)?.unsettled === 0;
  };
  await waitUntil("the CDRs are all there", isSettled, { timeoutMs: VERIFY_TIMEOUT_MS, intervalMs: 2_000 });
  const problems = lines
    .slice(0, -1)
    .filter(({ kind, linkedid }) => kind !== "not-in-ledger" || seen.has(linkedid));
  return Promise.all(
    problems.map(async (difference) => {
      const { callId } = difference;
      const told =
        callId === undefined ? undefined : await office.mitschnitt("explain", callId, "--language", "en");
      return `verify: ${JSON.stringify(difference)}\n${told?.stdout ?? ""}`;
    }),
  );
}

interface Difference {
  readonly kind: string;
  readonly linkedid: string;
  readonly callId?: string;
  /** In the last line, which has the sums. */
  readonly unsettled?: number;
}

async function deliveredAsFinished(office: Office): Promise<string[]> {
  const problems: string[] = [];
  for (const { state, file_name } of office.recordings()) {
    if (state !== "finished" || file_name === null) continue;
    const kept = await readFile(join(office.dataFolder, "spool/transfer", file_name));
    const sent = await readFile(join(office.archiveFolder, file_name)).catch(() => undefined);
    if (sent === undefined || !sent.equals(kept)) problems.push(`${file_name} was not delivered as it is`);
  }
  return problems;
}
