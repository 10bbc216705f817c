// Reads a recording for sending, and makes sure that it is the one that was recorded: what was changed in the spool is
// noticed before it can get a final name anywhere.

import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { messageOf, systemCode, transferError } from "./failures.ts";
import type { OutgoingFile } from "./target.ts";

const chunkBytes = 256 * 1024;

async function openRecording(localPath: string): Promise<FileHandle> {
  try {
    return await open(localPath, "r");
  } catch (error) {
    const code = systemCode(error) === "ENOENT" ? "local-file-missing" : "local-file-unreadable";
    throw transferError(code, messageOf(error), error);
  }
}

const changed = ({ localPath }: OutgoingFile, what: string, expected: unknown, got: unknown) =>
  transferError("local-file-changed", `${localPath}: ${what} ${expected} when it was recorded, ${got} now`);

/**
 * The file's bytes in chunks that may be kept. Throws TransferError: `local-file-missing`, `local-file-unreadable`, and
 * `local-file-changed` before the first chunk (size) or after the last one (SHA-256).
 */
export async function* readRecording(file: OutgoingFile, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  const handle = await openRecording(file.localPath);
  try {
    const { size } = await handle.stat();
    if (size !== file.sizeBytes) throw changed(file, "bytes:", file.sizeBytes, size);
    const hash = createHash("sha256");
    for (;;) {
      signal.throwIfAborted();
      const chunk = await readChunk(handle);
      if (chunk.length === 0) break;
      hash.update(chunk);
      yield chunk;
    }
    const sha256 = hash.digest("hex");
    if (sha256 !== file.sha256) throw changed(file, "SHA-256", file.sha256, sha256);
  } finally {
    await handle.close();
  }
}

async function readChunk(handle: FileHandle): Promise<Buffer> {
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    const { bytesRead } = await handle.read(buffer, 0, chunkBytes);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    throw transferError("local-file-unreadable", messageOf(error), error);
  }
}
