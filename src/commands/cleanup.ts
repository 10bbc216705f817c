// `mitschnitt cleanup`: asks the running module to end stuck recordings; with --force, after a warning, all of them.

import { createInterface } from "node:readline/promises";
import type { Command } from "commander";
import { z } from "zod";
import type { CleanupReport, CleanupRequest } from "../core/cleanup.ts";
import type { CommandContext } from "./command-context.ts";
import { ControlError, control } from "./control.ts";

const recordingSchema = z.object({
  recordingId: z.string(),
  callId: z.string(),
  reason: z.enum(["channel-gone", "channel-leaked", "not-growing", "forced"]),
  state: z.enum(["found", "finished", "failed", "ended", "under-way", "left"]),
});

/** What POST /api/v1/cleanup answers. */
const reportSchema = z.object({
  force: z.boolean(),
  dryRun: z.boolean(),
  recordings: z.array(recordingSchema),
  left: z.number(),
});

interface CleanupOptions {
  readonly force?: boolean;
  readonly yes?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export function registerCleanupCommand(program: Command, context: CommandContext): void {
  program
    .command("cleanup")
    .description("end recordings that no live call owns; they are finished, delivered and marked as cut off")
    .option("--force", "end ALL recordings in progress, also those of live calls")
    .option("--yes", "with --force: do not ask")
    .option("--dry-run", "only say what would be ended")
    .option("--json", "print JSON")
    .action(async (options: CleanupOptions) => {
      const { force = false, dryRun = false, json = false } = options;
      if (force && !dryRun && !options.yes && !(await isMeant(context))) return;
      const report = await ask(context, { force, dryRun });
      if (json) context.out(JSON.stringify(report));
      else for (const line of describe(report)) context.out(line);
      if (report.recordings.some(({ state }) => state === "left")) process.exitCode = 1;
    });
}

/** Two looks, the time that the work may take, and some for the PBX's answers. */
const answerWithinMs = 60_000;

const ask = async ({ environment }: CommandContext, request: CleanupRequest): Promise<CleanupReport> =>
  reportSchema.parse(await control(environment, "POST", "cleanup", request, answerWithinMs));

/** Says whose recordings end, and lets a person decide. Throws where there is none. */
async function isMeant(context: CommandContext): Promise<boolean> {
  const { recordings } = await ask(context, { force: true, dryRun: true });
  const live = recordings.filter(({ reason }) => reason === "forced").length;
  const warning = `${count(recordings.length, "recording")} in progress, ${live} of them of live calls: their conversations go on, and are not recorded any more.`;
  if (!process.stdin.isTTY)
    throw new ControlError(`not done: ${warning}`, {
      code: "not-confirmed",
      hint: "Run it in a terminal, or with --yes.",
    });
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await terminal.question(`${warning}\nEnd them all? [y/N] `);
    if (/^(y|yes|j|ja)$/i.test(answer.trim())) return true;
  } finally {
    terminal.close();
  }
  context.out("Nothing was done.");
  process.exitCode = 1;
  return false;
}

const reasons: Readonly<Record<CleanupReport["recordings"][number]["reason"], string>> = {
  "channel-gone": "its channel is gone from the PBX",
  "channel-leaked": "nobody has been talking on its channel for long",
  "not-growing": "its file has not been growing for long",
  forced: "by force",
};

const states: Readonly<Record<CleanupReport["recordings"][number]["state"], string>> = {
  found: "would be freed",
  finished: "freed",
  failed: "freed, there was no audio to keep",
  ended: "has just ended by itself",
  "under-way": "is being freed, which takes longer than usual",
  left: "could not be freed, it goes on",
};

function describe({ recordings, force, left }: CleanupReport): string[] {
  const rest = left === 0 ? "" : ` ${count(left, "recording")} in progress left alone.`;
  if (recordings.length === 0)
    return [`${force ? "No recording is in progress." : "Nothing is stuck."}${rest}`];
  return [
    ...recordings.map(
      ({ recordingId, callId, reason, state }) =>
        `Recording ${recordingId} of call ${callId}: ${states[state]} (${reasons[reason]})`,
    ),
    ...(rest === "" ? [] : [rest.trim()]),
  ];
}

const count = (many: number, what: string): string => `${many} ${what}${many === 1 ? "" : "s"}`;
