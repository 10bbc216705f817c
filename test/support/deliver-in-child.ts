// A process that delivers what a journal holds until nothing waits any more: made to be killed. Says `started` when the
// queue runs; ends with 0 when everything is delivered.

import { join } from "node:path";
import { openJournal } from "../../src/journal/journal.ts";
import { createTargets, type TargetSettings } from "../../src/transfer/create-targets.ts";
import { createOutgoingFiles } from "../../src/transfer/outgoing-files.ts";
import { createTransferQueue } from "../../src/transfer/queue.ts";
import { until } from "./until.ts";

export interface ChildTask {
  readonly journalFile: string;
  readonly spool: string;
  readonly target: TargetSettings;
  readonly password: string;
}

const task: ChildTask = JSON.parse(process.argv[2] ?? "");
const { db, close } = await openJournal(task.journalFile);
const silent = { info: () => undefined, warn: () => undefined, error: console.error };
const queue = createTransferQueue({
  db,
  targets: createTargets({ settings: () => [task.target], secrets: () => task.password }),
  files: createOutgoingFiles({ db, pathOf: (name) => join(task.spool, name) }),
  timeZone: () => "Europe/Berlin",
  clock: { now: () => new Date() },
  log: silent,
});
process.stdout.write("started\n");
await queue.start();
await until("everything is delivered", async () => (await queue.status())[0]?.waiting === 0, 30_000);
await queue.stop();
await close();
