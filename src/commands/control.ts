// Talks to the module that runs on the data folder, by its own API.

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

/** Sends one request to /api/v1; throws ControlError `not-running` or `refused`. */
export async function control(
  { dataFolder }: Environment,
  method: "GET" | "POST",
  path: string,
  body?: object,
): Promise<unknown> {
  const run = await readRunFile(dataFolder);
  if (run === undefined) throw notRunning(dataFolder);
  let response: Response;
  try {
    response = await fetch(new URL(`/api/v1/${path}`, run.address), {
      method,
      headers: { authorization: `Bearer ${run.token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerWithinMs),
    });
  } catch (cause) {
    throw notRunning(dataFolder, { cause });
  }
  if (response.ok) return response.json();
  throw new ControlError(`the module answered ${response.status} to ${method} ${path}`, {
    code: "refused",
    hint: "Look into the module's log. After an update, restart it.",
  });
}
