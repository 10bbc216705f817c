// Talks to the module that runs on the data folder, by its own API.

import { z } from "zod";
import { type ErrorFacts, MitschnittError } from "../core/errors.ts";
import type { Environment } from "../environment.ts";
import { readRunFile } from "../run-file.ts";

/** The module does not run, or does not answer. */
export class ControlError extends MitschnittError {}

const answerWithinMs = 10_000;

const notRunning = (dataFolder: string, facts: Partial<ErrorFacts> = {}): ControlError =>
  new ControlError(`Mitschnitt does not run on ${dataFolder}`, {
    code: "not-running",
    hint: "Start it with `mitschnitt start` or as a service. If it runs, set MITSCHNITT_DATA to its data folder.",
    ...facts,
  });

/** What the module says when it cannot do what it was asked. */
const problemSchema = z.object({ error: z.string(), message: z.string(), hint: z.string() });

/** Sends one request to /api/v1; throws ControlError `not-running`, `refused`, or the code of the module's own problem. */
export async function control(
  { dataFolder }: Environment,
  method: "GET" | "POST",
  path: string,
  body?: object,
  answerMs = answerWithinMs,
): Promise<unknown> {
  const run = await readRunFile(dataFolder);
  if (run === undefined) throw notRunning(dataFolder);
  let response: Response;
  try {
    response = await fetch(new URL(`/api/v1/${path}`, run.address), {
      method,
      headers: { authorization: `Bearer ${run.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerMs),
    });
  } catch (cause) {
    throw notRunning(dataFolder, { cause });
  }
  if (response.ok) return response.json();
  const problem = problemSchema.safeParse(await response.json().catch(() => undefined));
  if (problem.success)
    throw new ControlError(problem.data.message, { code: problem.data.error, hint: problem.data.hint });
  throw new ControlError(`the module answered ${response.status} to ${method} ${path}`, {
    code: "refused",
    hint: "Look into the module's log. After an update, restart it.",
  });
}
