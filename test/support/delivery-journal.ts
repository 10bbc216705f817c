// A journal in a temporary folder with finished recordings in it, and a folder that stands for spool/transfer: what
// delivery finds when a call is over.

import { createHash, randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, openCall } from "../../src/journal/calls.ts";
import { type JournalDb, openJournal } from "../../src/journal/journal.ts";
import { finishRecording, openRecording, reserveName } from "../../src/journal/recordings.ts";

export interface DeliveryJournal {
  readonly folder: string;
  readonly journalFile: string;
  readonly spool: string;
  readonly db: JournalDb;
  /** A file in the spool, its recording and its jobs. Returns the recording's id. */
  addRecording(recording: NewRecording): Promise<string>;
  remove(): Promise<void>;
}

export interface NewRecording {
  readonly targetIds: readonly string[];
  readonly name?: string;
  readonly content?: Buffer;
  readonly at?: Date;
}

export async function openDeliveryJournal(): Promise<DeliveryJournal> {
  const folder = await mkdtemp(join(tmpdir(), "mitschnitt-delivery-"));
  const spool = join(folder, "spool");
  await mkdir(spool);
  const journalFile = join(folder, "journal.db");
  const { db, close } = await openJournal(journalFile);
  let added = 0;

  return {
    folder,
    journalFile,
    spool,
    db,
    async addRecording({ targetIds, name, content = randomBytes(1000), at = new Date() }) {
      added += 1;
      const fileName = name ?? `Aufnahme_2026-06-01_12-00-00_10_${added}.wav`;
      await writeFile(join(spool, fileName), content);
      const numbers = { fromNumber: "10", toNumber: String(added) };
      const callId = await openCall(db, {
        id: newId(),
        pbxId: "pbx",
        linkedid: `${added}.1`,
        startedAt: at,
        fromName: "",
        ...numbers,
      });
      const id = newId();
      await openRecording(db, {
        id,
        callId,
        pbxId: "pbx",
        ruleId: "sales",
        ruleName: "Sales",
        memberExtension: "10",
        direction: "outgoing",
        channelUniqueid: `${added}.1`,
        startedAt: at,
        ...numbers,
      });
      const facts = {
        endedAt: at,
        durationMs: 1000,
        sizeBytes: content.length,
        sha256: createHash("sha256").update(content).digest("hex"),
      };
      await reserveName(db, id, facts, () => fileName);
      await finishRecording(db, id, targetIds, at);
      return id;
    },
    async remove() {
      await close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
