// A recording in a folder, ready to be sent, and the context in which the queue would send it.

import { createHash, randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { TransferError } from "../../src/core/errors.ts";
import type { OutgoingFile, Progress, SendContext } from "../../src/transfer/target.ts";

export const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");

let made = 0;

export async function makeOutgoing(
  folder: string,
  { name, content = randomBytes(100_000) }: { readonly name?: string; readonly content?: Buffer } = {},
): Promise<OutgoingFile & { readonly content: Buffer }> {
  made += 1;
  const localPath = join(folder, `local-${made}.wav`);
  await writeFile(localPath, content);
  return {
    recordingId: randomBytes(16).toString("hex"),
    localPath,
    name: name ?? `Aufnahme_2026-06-01_12-00-00_10_${made}.wav`,
    sizeBytes: content.length,
    sha256: sha256(content),
    content,
  };
}

export interface TestContext extends SendContext {
  readonly seen: Progress[];
}

export function makeContext(
  attempt = 1,
  {
    signal = new AbortController().signal,
    onProgress = () => undefined,
  }: { readonly signal?: AbortSignal; readonly onProgress?: (progress: Progress) => void } = {},
): TestContext {
  const seen: Progress[] = [];
  return {
    attempt,
    signal,
    seen,
    onProgress(progress) {
      seen.push(progress);
      onProgress(progress);
    },
  };
}

/** The TransferError with which the work fails; anything else fails the test. */
export async function failureOfSending(work: Promise<unknown>): Promise<TransferError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof TransferError) return error;
    throw error;
  }
  throw new Error("expected a TransferError, but it was delivered");
}
