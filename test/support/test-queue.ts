// A transfer queue on a real journal and spool whose clock and minutes a test turns itself.

import { join } from "node:path";
import { sql } from "kysely";
import { type Conditions, createConditions } from "../../src/core/conditions.ts";
import type { JobState, TransferJob } from "../../src/core/transfer-job.ts";
import { listJobs } from "../../src/journal/job-lists.ts";
import type { QueueTarget } from "../../src/transfer/create-targets.ts";
import { createOutgoingFiles } from "../../src/transfer/outgoing-files.ts";
import {
  createTransferQueue,
  type TransferQueue,
  type TransferQueueParts,
} from "../../src/transfer/queue.ts";
import type { Target } from "../../src/transfer/target.ts";
import { type DeliveryJournal, openDeliveryJournal } from "./delivery-journal.ts";
import { until } from "./until.ts";

export interface TestQueue {
  readonly journal: DeliveryJournal;
  readonly queue: TransferQueue;
  readonly conditions: Conditions;
  readonly log: { readonly level: string; readonly message: string; readonly fields: object }[];
  readonly delivered: string[];
  /** In force from the next tick on. */
  targets: QueueTarget[];
  now: Date;
  /** Turns the clock on and lets the queue's minute come. */
  pass(minutes: number): Promise<void>;
  jobs(): Promise<readonly TransferJob[]>;
  /** Waits until the jobs are in these states, the newest first. */
  untilStates(...states: JobState[]): Promise<void>;
  restart(): Promise<void>;
  remove(): Promise<void>;
}

export const atOnce = (target: Target, more: Partial<QueueTarget> = {}): QueueTarget => ({
  id: target.id,
  name: `Target ${target.id}`,
  enabled: true,
  schedule: { kind: "at-once" },
  target,
  ...more,
});

export async function openTestQueue(parts: Partial<TransferQueueParts> = {}): Promise<TestQueue> {
  const journal = await openDeliveryJournal();
  let tick: () => Promise<void> = async () => undefined;
  const write = (level: string) => (fields: object, message: string) =>
    void test.log.push({ level, fields, message });
  const make = (): TransferQueue =>
    createTransferQueue({
      db: journal.db,
      targets: () => test.targets,
      files: createOutgoingFiles({ db: journal.db, pathOf: (name) => join(journal.spool, name) }),
      timeZone: () => "Europe/Berlin",
      clock: { now: () => test.now },
      random: () => 0.5,
      log: { info: write("info"), warn: write("warn"), error: write("error") },
      conditions: test.conditions,
      onDelivered: (recordingId) => void test.delivered.push(recordingId),
      ticks(each) {
        tick = each;
        return () => {
          tick = async () => undefined;
        };
      },
      ...parts,
    });
  const jobs = async () => (await listJobs(journal.db, { limit: 500 })).jobs.map(({ job }) => job);
  let queue: TransferQueue | undefined;
  const test: TestQueue = {
    journal,
    get queue() {
      queue ??= make();
      return queue;
    },
    conditions: createConditions(),
    log: [],
    delivered: [],
    targets: [],
    now: new Date("2026-06-01T12:00:00Z"),
    async pass(minutes) {
      test.now = new Date(test.now.getTime() + minutes * 60_000);
      await tick();
    },
    jobs,
    async untilStates(...states) {
      let seen: string[] = [];
      await until(`jobs are ${states}`, async () => {
        const rows = await journal.db
          .selectFrom("jobs")
          .select("state")
          .orderBy(sql`rowid`, "desc")
          .execute();
        seen = rows.map(({ state }) => state);
        return seen.join() === states.join();
      }).catch((error: Error) => {
        throw new Error(`${error.message}; they are ${seen}`);
      });
    },
    async restart() {
      await queue?.stop();
      queue = make();
      await queue.start();
    },
    async remove() {
      await queue?.stop();
      await journal.remove();
    },
  };
  return test;
}
