// Delivers with a process that is killed (-9) at random moments and started again, until everything is delivered.

import { spawn } from "node:child_process";
import { randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { listJobs } from "../../src/journal/job-lists.ts";
import type { TargetSettings } from "../../src/transfer/create-targets.ts";
import type { ChildTask } from "./deliver-in-child.ts";
import { openDeliveryJournal } from "./delivery-journal.ts";
import { sha256 } from "./outgoing.ts";

export interface CrashingDelivery {
  readonly target: TargetSettings;
  readonly password: string;
  /** What the target has, by name, temporary files included. */
  contents(): Promise<ReadonlyMap<string, Buffer>>;
  readonly files: number;
  readonly kills: number;
  /** The longest time that a process may live before it is killed. */
  readonly longestLifeMs: number;
}

/** Asserts at each kill that nothing half stands under a final name, and at the end that all is there, once. */
export async function deliverInSpiteOfCrashes(delivery: CrashingDelivery): Promise<void> {
  const { target, password, contents, files, kills, longestLifeMs } = delivery;
  const journal = await openDeliveryJournal();
  try {
    const expected = new Map<string, string>();
    for (let count = 0; count < files; count++) {
      const content = randomBytes(200_000 + randomInt(800_000));
      const name = `Aufnahme_${String(count).padStart(2, "0")}.wav`;
      await journal.addRecording({ targetIds: [target.id], name, content });
      expected.set(name, sha256(content));
    }
    const task: ChildTask = { journalFile: journal.journalFile, spool: journal.spool, target, password };
    const interruptions = { before: 0, during: 0 };

    for (let kill = 0; kill < kills; kill++) {
      await runUntilKilled(task, randomInt(longestLifeMs * 1000) / 1000);
      const states = (await listJobs(journal.db, { limit: 500 })).jobs.map(({ job }) => job.state);
      if (states.includes("active")) interruptions.during += 1;
      else interruptions.before += 1;
      for (const [name, content] of await contents())
        if (!name.endsWith(".part"))
          expect(sha256(content), `${name} after kill ${kill}`).to.equal(expected.get(name));
    }
    expect(await runToTheEnd(task)).to.equal(0);

    const arrived = [...(await contents())].map(([name, content]) => [name, sha256(content)]);
    expect(arrived.sort()).to.deep.equal([...expected].sort());
    const { jobs } = await listJobs(journal.db, { limit: 500 });
    for (const { fileName, job } of jobs)
      expect(job, fileName).to.include({ state: "done", remoteName: fileName });
    expect(jobs).to.have.lengthOf(files);
    expect(interruptions.during, "kills that hit a transfer").to.be.greaterThan(0);
  } finally {
    await journal.remove();
  }
}

const childFile = fileURLToPath(new URL("./deliver-in-child.ts", import.meta.url));

function start(task: ChildTask) {
  const child = spawn(process.execPath, ["--import", "tsx", childFile, JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return { child, exited: once(child, "exit"), started: once(child.stdout, "data") };
}

async function runUntilKilled(task: ChildTask, lifeMs: number): Promise<void> {
  const { child, exited, started } = start(task);
  await Promise.race([started, exited]);
  await Promise.race([sleep(lifeMs), exited]);
  child.kill("SIGKILL");
  await exited;
  if (child.exitCode !== null && child.exitCode !== 0)
    throw new Error(`the delivering process ended by itself with ${child.exitCode}`);
}

async function runToTheEnd(task: ChildTask): Promise<number | null> {
  const { child, exited } = start(task);
  await exited;
  return child.exitCode;
}
