// Writing of recordings: open → finishing (its name is reserved) → finished (jobs made in the same transaction), or
// failed. Each step can be repeated after a crash.

import Database from "better-sqlite3";
import { JournalError } from "../core/errors.ts";
import type { CutOff, RecordingResult } from "../core/outcome.ts";
import { type Reason, type ReasonCode, reason } from "../core/reason.ts";
import type { Direction } from "../core/rule.ts";
import { createJobs } from "./jobs.ts";
import type { JournalDb } from "./journal.ts";
import type { RecordingState } from "./tables.ts";
import { withoutSync } from "./timeline.ts";

export interface RecordingOpening {
  readonly id: string;
  readonly callId: string;
  readonly pbxId: string;
  readonly ruleId: string;
  readonly ruleName: string;
  readonly memberExtension: string;
  readonly direction: Direction;
  readonly fromNumber: string;
  readonly toNumber: string;
  readonly channelUniqueid: string;
  readonly startedAt: Date;
}

export interface UnfinishedRecording extends RecordingOpening {
  readonly state: RecordingState;
  readonly fileName: string | null;
}

export interface FinishedFacts {
  readonly endedAt: Date;
  readonly durationMs: number;
  readonly sizeBytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly cutOff?: CutOff | undefined;
}

/** More recordings that began in one second, with the same numbers, are not believed. */
const mostCopies = 1000;

/**
 * Written before Asterisk is asked to record, so people are talking already: the row is in the file when this resolves,
 * safe from a crash of the process, but it is left to the next commit to bring it onto the disk. An fsync here would
 * cost the first words: 2 ms on an idle disk, 40 and more on a busy one.
 */
export async function openRecording(db: JournalDb, recording: RecordingOpening): Promise<void> {
  await withoutSync(db, (connection) => insertRecording(connection, recording));
}

async function insertRecording(db: JournalDb, recording: RecordingOpening): Promise<void> {
  await db
    .insertInto("recordings")
    .values({
      id: recording.id,
      call_id: recording.callId,
      pbx_id: recording.pbxId,
      rule_id: recording.ruleId,
      rule_name: recording.ruleName,
      member_extension: recording.memberExtension,
      direction: recording.direction,
      from_number: recording.fromNumber,
      to_number: recording.toNumber,
      channel_uniqueid: recording.channelUniqueid,
      state: "open",
      started_at: recording.startedAt.getTime(),
    })
    .execute();
}

const unfinishedStates = ["open", "finishing"] as const;

/** Takes the first free name of `nameOf(1)`, `nameOf(2)`, …; the journal's unique column decides. */
export async function reserveName(
  db: JournalDb,
  id: string,
  facts: FinishedFacts,
  nameOf: (copy: number) => string,
): Promise<string> {
  for (let copy = 1; copy <= mostCopies; copy++) {
    const fileName = nameOf(copy);
    try {
      const { numUpdatedRows } = await db
        .updateTable("recordings")
        .set({
          state: "finishing",
          file_name: fileName,
          ended_at: facts.endedAt.getTime(),
          duration_ms: facts.durationMs,
          size_bytes: facts.sizeBytes,
          sha256: facts.sha256,
          cut_off: facts.cutOff ?? null,
        })
        .where("id", "=", id)
        .where("state", "in", unfinishedStates)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw finishedBefore(id);
      return fileName;
    } catch (error) {
      if (!(error instanceof Database.SqliteError) || error.code !== "SQLITE_CONSTRAINT_UNIQUE") throw error;
    }
  }
  throw new JournalError(`recording ${id}: ${mostCopies} names like ${nameOf(1)} are taken`, {
    code: "no-free-name",
    hint: "This is a fault in the program, please report it. The recording stays in the open folder.",
    permanent: true,
  });
}

const finishedBefore = (id: string): JournalError =>
  new JournalError(`recording ${id} is finished already, or has failed`, {
    code: "recording-closed",
    hint: "This is a fault in the program, please report it. The file stays where it is.",
    permanent: true,
  });

/** The recording is in the transfer folder: from now on each target owes its delivery. */
export async function finishRecording(
  db: JournalDb,
  id: string,
  targetIds: readonly string[],
  now: Date,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable("recordings")
      .set({ state: "finished" })
      .where("id", "=", id)
      .where("state", "in", unfinishedStates)
      .executeTakeFirst();
    if (numUpdatedRows > 0n) await createJobs(trx, id, targetIds, now);
  });
}

/** What is finished stays finished. */
export async function failRecording(db: JournalDb, id: string, why: Reason, endedAt: Date): Promise<void> {
  await db
    .updateTable("recordings")
    .set({
      state: "failed",
      ended_at: endedAt.getTime(),
      reason_code: why.code,
      reason_params: JSON.stringify(why.params),
    })
    .where("id", "=", id)
    .where("state", "in", unfinishedStates)
    .execute();
}

/** Recordings that are being made, or were when the module was ended, whatever its PBX was called then. */
export async function unfinishedRecordings(db: JournalDb): Promise<readonly UnfinishedRecording[]> {
  const rows = await db
    .selectFrom("recordings")
    .selectAll()
    .where("state", "in", unfinishedStates)
    .orderBy("started_at")
    .execute();
  return rows.map((row) => ({
    id: row.id,
    callId: row.call_id,
    pbxId: row.pbx_id,
    ruleId: row.rule_id,
    ruleName: row.rule_name,
    memberExtension: row.member_extension,
    direction: row.direction,
    fromNumber: row.from_number,
    toNumber: row.to_number,
    channelUniqueid: row.channel_uniqueid,
    startedAt: new Date(row.started_at),
    state: row.state,
    fileName: row.file_name,
  }));
}

/** What became of the call's recordings; unfinished ones are left out. */
export async function resultsOfCall(db: JournalDb, callId: string): Promise<readonly RecordingResult[]> {
  const rows = await db
    .selectFrom("recordings")
    .select(["state", "rule_name", "reason_code", "reason_params"])
    .where("call_id", "=", callId)
    .where("state", "in", ["finished", "failed"])
    .orderBy("started_at")
    .execute();
  return rows.map((row) => {
    if (row.state === "finished") return { state: "finished", ruleName: row.rule_name };
    const why = reasonOf(row.reason_code, row.reason_params);
    return { state: why.code === "too-short" ? "nothing" : "failed", reason: why };
  });
}

/** A reason as it was written: the journal's own codes are trusted, a missing one is `unobserved`. */
export const reasonOf = (code: string | null, params: string | null): Reason =>
  code === null ? reason("unobserved") : reason(code as ReasonCode, JSON.parse(params ?? "{}"));
