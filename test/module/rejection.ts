// The error that a promise is expected to fail with.

import { MitschnittError } from "../../src/core/errors.ts";

export async function rejection(promise: Promise<unknown>): Promise<MitschnittError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof MitschnittError) return error;
    throw error;
  }
  throw new Error("expected a rejection, got success");
}
