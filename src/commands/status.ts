// `mitschnitt status`: what the running module says of itself; without one, what can be said of the data folder.

import { join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { MitschnittError } from "../core/errors.ts";
import { readTextFile } from "../files/durable-file.ts";
import { parseSettingsText } from "../settings/field-errors.ts";
import type { CommandContext } from "./command-context.ts";
import { control } from "./control.ts";

/** What GET /api/v1/status answers, as far as it is shown here. */
const statusSchema = z.looseObject({
  version: z.string(),
  pbx: z.looseObject({
    state: z.string(),
    asteriskVersion: z.string().optional(),
    since: z.string().optional(),
  }),
  conditions: z.array(z.looseObject({ message: z.string(), hint: z.string(), since: z.string() })),
  calls: z.array(z.looseObject({ state: z.looseObject({ kind: z.string() }) })),
  deliveries: z.array(
    z.looseObject({ targetName: z.string(), waiting: z.number(), onHold: z.number(), done: z.number() }),
  ),
  space: z.looseObject({ openBytes: z.number(), transferBytes: z.number(), freeBytes: z.number() }),
});

type Status = z.output<typeof statusSchema>;

export function registerStatusCommand(program: Command, context: CommandContext): void {
  program
    .command("status")
    .description("say what the module is doing and what is wrong; exits with 1 when something is")
    .option("--json", "print JSON")
    .action(async ({ json = false }: { readonly json?: boolean }) => {
      const answer = await ask(context);
      if (json) context.out(JSON.stringify(answer));
      else for (const line of describe(answer)) context.out(line);
      if (!answer.running || answer.conditions.length > 0) process.exitCode = 1;
    });
}

interface Problem {
  readonly message: string;
  readonly hint: string;
}

type Answer =
  | ({ readonly running: true } & Status)
  | { readonly running: false; readonly conditions: readonly Problem[] };

async function ask({ environment }: CommandContext): Promise<Answer> {
  try {
    return { running: true, ...statusSchema.parse(await control(environment, "GET", "status")) };
  } catch (error) {
    if (!(error instanceof MitschnittError)) throw error;
    return {
      running: false,
      conditions: [error, ...(await settingsProblems(environment.dataFolder))].map(plain),
    };
  }
}

const plain = ({ message, hint }: Problem): Problem => ({ message, hint });

async function settingsProblems(dataFolder: string): Promise<readonly MitschnittError[]> {
  const path = join(dataFolder, "settings.json");
  const text = await readTextFile(path);
  if (text === undefined) return [];
  try {
    parseSettingsText(text, path);
    return [];
  } catch (error) {
    if (error instanceof MitschnittError) return [error];
    throw error;
  }
}

function describe(answer: Answer): string[] {
  const problems = answer.conditions.flatMap(({ message, hint }) => [`Problem: ${message}`, `  ${hint}`]);
  if (!answer.running) return problems;
  const recording = answer.calls.filter((call) => call.state.kind === "recording").length;
  const { openBytes, transferBytes, freeBytes } = answer.space;
  return [
    `Mitschnitt ${answer.version}: running`,
    `PBX: ${answer.pbx.state}${answer.pbx.asteriskVersion ? `, Asterisk ${answer.pbx.asteriskVersion}` : ""}`,
    `Calls: ${answer.calls.length} now, ${recording} being recorded`,
    `Space: ${mib(openBytes)} in progress, ${mib(transferBytes)} in the transfer folder, ${mib(freeBytes)} free`,
    ...answer.deliveries.map(
      ({ targetName, waiting, onHold, done }) =>
        `Target ${targetName}: ${waiting} waiting, ${onHold} on hold, ${done} delivered`,
    ),
    ...(problems.length === 0 ? ["No problems"] : problems),
  ];
}

const mib = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
