// Reads the PBX's CDRs and the journal, puts together what belongs together, and hands it story by story to the core,
// which says what does not agree (core/reconciliation). Memory stays the same whatever the length of the file.

import { setImmediate as turnOfEventLoop } from "node:timers/promises";
import { type SqlBool, sql } from "kysely";
import { cdrColumnsError, noCsvError } from "../cdr/cdr-error.ts";
import { readCdrFile } from "../cdr/cdr-file.ts";
import type { Cdr } from "../core/cdr.ts";
import { type Difference, reconcile, reconcileUnknown, type Verdict } from "../core/reconciliation.ts";
import { type CdrShelf, createCdrShelf } from "../journal/cdr-shelf.ts";
import type { JournalDb } from "../journal/journal.ts";
import { createRulesInForce } from "./rules-in-force.ts";
import { storiesIn } from "./stories.ts";

export interface Verification {
  readonly db: JournalDb;
  readonly pbxId: string;
  readonly cdrFiles: readonly string[];
  /** Calls that began in it: from inclusive, to exclusive. */
  readonly period: { readonly fromMs: number; readonly toMs: number };
  readonly now: Date;
  /** How long the PBX and the module may take to write a call that has ended. */
  readonly settleMs: number;
  /** Of the running module. */
  readonly liveCallIds: ReadonlySet<string>;
}

export interface VerificationSummary {
  readonly calls: number;
  /** Of the period and the day before and after it. */
  readonly cdrs: number;
  /** Lines that are no CDR. */
  readonly unreadable: number;
  /** CDRs of the period without uniqueid and linkedid: of an older cdr.conf. */
  readonly nameless: number;
  readonly differences: number;
  /** Calls that go on, or ended only just now, and were not judged. */
  readonly unsettled: number;
}

const dayMs = 86_400_000;
const cdrsAtATime = 500;

/** Tells of each difference as it is found. Throws CdrError. */
export async function verifyLedger(
  verification: Verification,
  tell: (difference: Difference) => void,
): Promise<VerificationSummary> {
  const { db, pbxId, period, now } = verification;
  const shelf = await createCdrShelf(db);
  const read = await shelve(verification, shelf);
  await shelf.assign(pbxId);
  const settledBefore = new Date(now.getTime() - verification.settleMs);
  const rulesAt = createRulesInForce(db);
  const cdrsFrom = read.from ?? now;
  let [calls, differences, unsettled] = [0, 0, 0];
  const take = (verdict: Verdict): void => {
    if (!verdict.settled) unsettled += 1;
    differences += verdict.differences.length;
    for (const difference of verdict.differences) tell(difference);
  };
  for await (const story of storiesIn(verification, shelf)) {
    calls += story.calls.length;
    const inForce = await rulesAt(story.calls[0]?.startedAt ?? now);
    take(reconcile(story, { ...inForce, cdrsFrom, settledBefore }));
  }
  const ledgerFrom = await beginningOfLedger(db, pbxId);
  for await (const unknown of shelf.unknown()) {
    const at = unknown.startedAt.getTime();
    if (at >= period.fromMs && at < period.toMs)
      take(reconcileUnknown(unknown, { settledBefore, ledgerFrom }));
  }
  const { cdrs, unreadable, nameless } = read;
  return { calls, cdrs, unreadable, nameless, differences, unsettled };
}

interface Shelved {
  cdrs: number;
  unreadable: number;
  nameless: number;
  from: Date | undefined;
}

async function shelve({ cdrFiles, period }: Verification, shelf: CdrShelf): Promise<Shelved> {
  const shelved: Shelved = { cdrs: 0, unreadable: 0, nameless: 0, from: undefined };
  for (const file of cdrFiles) await shelveFile(file, period, shelf, shelved);
  return shelved;
}

async function shelveFile(
  file: string,
  { fromMs, toMs }: Verification["period"],
  shelf: CdrShelf,
  shelved: Shelved,
): Promise<void> {
  const isNear = ({ startedAt }: Cdr): boolean =>
    startedAt.getTime() >= fromMs - dayMs && startedAt.getTime() < toMs + dayMs;
  const before = { ...shelved };
  let readable = 0;
  let batch: Cdr[] = [];
  for await (const line of readCdrFile(file)) {
    if (line.state === "unreadable") shelved.unreadable += 1;
    else if (line.state === "nameless") shelved.nameless += isNear(line.cdr) ? 1 : 0;
    else {
      readable += 1;
      const { cdr } = line;
      if (shelved.from === undefined || cdr.startedAt < shelved.from) shelved.from = cdr.startedAt;
      if (!isNear(cdr)) continue;
      shelved.cdrs += 1;
      batch.push(cdr);
    }
    if (batch.length < cdrsAtATime) continue;
    await shelf.put(batch);
    batch = [];
    await turnOfEventLoop();
  }
  await shelf.put(batch);
  if (shelved.nameless > before.nameless && shelved.cdrs === before.cdrs) throw cdrColumnsError(file);
  if (shelved.unreadable > before.unreadable && readable === 0 && shelved.nameless === before.nameless)
    throw noCsvError(file);
}

async function beginningOfLedger(db: JournalDb, pbxId: string): Promise<Date | undefined> {
  const first = await db
    .selectFrom("calls")
    .select("started_at")
    .where(sql<SqlBool>`+pbx_id = ${pbxId}`)
    .orderBy("started_at")
    .limit(1)
    .executeTakeFirst();
  return first && new Date(first.started_at);
}
