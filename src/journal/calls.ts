// Writing of calls: a row is opened when the PBX first shows a call and closed with its one outcome.

import { randomBytes } from "node:crypto";
import type { Outcome } from "../core/outcome.ts";
import type { Direction } from "../core/rule.ts";
import type { JournalDb } from "./journal.ts";

/** 128 random bits, hex: not to be guessed, not to be counted up. */
export const newId = (): string => randomBytes(16).toString("hex");

export interface CallOpening {
  readonly id: string;
  readonly pbxId: string;
  readonly linkedid: string;
  readonly startedAt: Date;
  readonly fromNumber: string;
  readonly fromName: string;
  readonly toNumber: string;
}

export interface CallAnswer {
  readonly answeredAt: Date;
  readonly direction: Direction;
  readonly fromNumber: string;
  readonly fromName: string;
  readonly toNumber: string;
  readonly memberExtension: string;
}

export interface CallClosing {
  readonly endedAt: Date;
  readonly outcome: Outcome;
  /** Of a call that nobody answered; an answered one has the direction of its first conversation. */
  readonly direction?: Direction;
}

/** A call that had begun before the module was started (again) keeps the row, and the id, that it has. */
export async function openCall(db: JournalDb, call: CallOpening): Promise<string> {
  const row = await db
    .insertInto("calls")
    .values({
      id: call.id,
      pbx_id: call.pbxId,
      linkedid: call.linkedid,
      started_at: call.startedAt.getTime(),
      from_number: call.fromNumber,
      from_name: call.fromName,
      to_number: call.toNumber,
    })
    .onConflict((conflict) => conflict.columns(["pbx_id", "linkedid"]).doUpdateSet({ pbx_id: call.pbxId }))
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
}

export async function answerCall(db: JournalDb, callId: string, answer: CallAnswer): Promise<void> {
  await db
    .updateTable("calls")
    .set({
      answered_at: answer.answeredAt.getTime(),
      direction: answer.direction,
      from_number: answer.fromNumber,
      from_name: answer.fromName,
      to_number: answer.toNumber,
      member_extension: answer.memberExtension,
    })
    .where("id", "=", callId)
    .where("answered_at", "is", null)
    .execute();
}

/** The first outcome stays: a call has exactly one. */
export async function closeCall(db: JournalDb, callId: string, closing: CallClosing): Promise<void> {
  const { endedAt, outcome, direction } = closing;
  await db
    .updateTable("calls")
    .set((row) => ({
      ended_at: endedAt.getTime(),
      direction: row.fn.coalesce("direction", row.val<Direction | null>(direction ?? null)),
      outcome: outcome.kind,
      reason_code: outcome.reason.code,
      reason_params: JSON.stringify(outcome.reason.params),
    }))
    .where("id", "=", callId)
    .where("outcome", "is", null)
    .execute();
}

/** Calls without an outcome: those that go on, and those during which the module was ended. */
export async function openCalls(
  db: JournalDb,
): Promise<readonly { readonly id: string; readonly linkedid: string }[]> {
  return db.selectFrom("calls").select(["id", "linkedid"]).where("outcome", "is", null).execute();
}
