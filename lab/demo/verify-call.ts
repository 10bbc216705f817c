// Looks at one finished call of the demo as a sceptic would: is there an outcome, a file, are both voices in it, was it
// delivered byte for byte, is it in the report.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { CallsTable } from "../../src/journal/tables.ts";
import { reasonText, storedReason } from "../../src/words/reason-words.ts";
import { createWords } from "../../src/words/words.ts";
import type { Office } from "../office.ts";
import { findPrompt, HEARD_SCORE } from "../sound/prompt-finder.ts";
import { monoOf, readWav } from "../sound/wav.ts";
import type { Conversation } from "./conversations.ts";

export interface VerifiedCall {
  readonly direction: string;
  readonly outcome: string;
  readonly reason: string;
  readonly file: string | null;
  readonly durationMs: number;
  /** How many of the two voices are in the file. */
  readonly voices: number;
  /** The folder in which the same bytes have arrived. */
  readonly deliveredTo: string | null;
  readonly reported: boolean;
}

export const isGood = (call: VerifiedCall): boolean =>
  call.outcome === "recorded" && call.voices === 2 && call.deliveredTo !== null && call.reported;

export async function verifyCall(
  office: Office,
  row: CallsTable,
  conversation: Conversation,
): Promise<VerifiedCall> {
  const recording = office.recordings().find(({ call_id }) => call_id === row.id);
  const file = recording?.file_name ?? null;
  const job = office.jobs().find(({ recording_id }) => recording_id === recording?.id);
  const reason = storedReason(row.reason_code, row.reason_params);
  return {
    direction: row.direction ?? conversation.direction,
    outcome: row.outcome ?? "open",
    reason: reason === undefined ? "" : reasonText(createWords("en"), reason),
    file,
    durationMs: recording?.duration_ms ?? 0,
    voices: file === null ? 0 : await countVoices(office, file, conversation),
    deliveredTo:
      file !== null && (await isDelivered(office, file, job?.remote_name ?? null))
        ? office.archiveFolder
        : null,
    reported: file !== null && (await isReported(office, file)),
  };
}

const spoolFile = (office: Office, file: string): string => join(office.dataFolder, "spool/transfer", file);

async function countVoices(
  office: Office,
  file: string,
  { callerSays, calledSays }: Conversation,
): Promise<number> {
  const samples = monoOf(await readWav(spoolFile(office, file)));
  let voices = 0;
  for (const prompt of [callerSays, calledSays]) {
    const spoken = monoOf(await readWav(office.lab.promptFile(prompt)));
    if (findPrompt(samples, spoken, { spokenMs: 2500 }).score >= HEARD_SCORE) voices++;
  }
  return voices;
}

async function isDelivered(office: Office, file: string, remoteName: string | null): Promise<boolean> {
  if (remoteName === null) return false;
  const [kept, sent] = await Promise.all([
    readFile(spoolFile(office, file)),
    readFile(join(office.archiveFolder, remoteName)),
  ]);
  return kept.equals(sent);
}

async function isReported(office: Office, file: string): Promise<boolean> {
  const { stdout } = await office.mitschnitt("report");
  return stdout.split("\r\n").filter((line) => line.includes(file)).length === 1;
}
