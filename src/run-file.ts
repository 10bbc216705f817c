// How the command line finds the module that runs on a data folder: run.json holds its address and a token that is
// made anew at each start. Only the owner may read it.

import { randomBytes } from "node:crypto";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readTextFile, writeDurably } from "./files/durable-file.ts";

const runFile = z.object({ pid: z.number().int(), address: z.url(), token: z.string().min(1) });

export type RunFile = z.output<typeof runFile>;

const pathIn = (dataFolder: string): string => join(dataFolder, "run.json");

export const newControlToken = (): string => randomBytes(32).toString("base64url");

export async function writeRunFile(dataFolder: string, run: RunFile): Promise<void> {
  await writeDurably(pathIn(dataFolder), `${JSON.stringify(run)}\n`, 0o600);
}

/** Undefined where no module has run; a file that is left over from a killed one is returned as it is. */
export async function readRunFile(dataFolder: string): Promise<RunFile | undefined> {
  const text = await readTextFile(pathIn(dataFolder));
  if (text === undefined) return undefined;
  try {
    return runFile.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export async function removeRunFile(dataFolder: string): Promise<void> {
  await unlink(pathIn(dataFolder)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}
