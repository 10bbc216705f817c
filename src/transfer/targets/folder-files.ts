// The steps of a delivery into a folder: write and fsync, read back, take the final name without ever replacing a file,
// fsync the folder. Errors are those of the file system; the target words them.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, open, rename, unlink } from "node:fs/promises";
import { systemCode } from "../failures.ts";
import { readRecording } from "../local-file.ts";
import type { OutgoingFile, SendContext } from "../target.ts";

const readBytes = 256 * 1024;

export async function copyTo(
  part: string,
  file: OutgoingFile,
  { signal, onProgress }: SendContext,
): Promise<void> {
  const handle = await open(part, "wx");
  try {
    let bytes = 0;
    onProgress({ phase: "send", bytes });
    for await (const chunk of readRecording(file, signal)) {
      await handle.writeFile(chunk);
      bytes += chunk.length;
      onProgress({ phase: "send", bytes });
    }
    await handle.sync();
  } finally {
    // On a share, a full disk may be told as late as here.
    await handle.close();
  }
}

/** SHA-256, hex. */
export async function hashOfFile(path: string, { signal, onProgress }: SendContext): Promise<string> {
  const hash = createHash("sha256");
  let bytes = 0;
  onProgress({ phase: "verify", bytes });
  for await (const chunk of createReadStream(path, { highWaterMark: readBytes })) {
    signal.throwIfAborted();
    hash.update(chunk);
    bytes += chunk.length;
    onProgress({ phase: "verify", bytes });
  }
  return hash.digest("hex");
}

/** Undefined where there is nothing, NaN for what is not a plain file: it has no content to compare. */
export async function sizeOfFile(path: string): Promise<number | undefined> {
  try {
    const found = await lstat(path);
    return found.isFile() ? found.size : Number.NaN;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

export type Link = (from: string, to: string) => Promise<void>;
export type Placing = "placed" | "taken" | "no-links";

/** How file systems without hard links (FAT, some shares) refuse to make one. */
const withoutLinks = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EACCES"]);

/** Both names stand for the file afterwards; the temporary one is removed by the caller. */
export async function placeByLink(part: string, final: string, link: Link): Promise<Placing> {
  try {
    await link(part, final);
    return "placed";
  } catch (error) {
    const code = systemCode(error) ?? "";
    if (code === "EEXIST") return "taken";
    if (withoutLinks.has(code)) return "no-links";
    throw error;
  }
}

/**
 * Takes the name with an empty file, which fails if there is one, and renames over that. Killed in between, the empty
 * file stays until the next attempt, which knows it by the complete temporary file beside it.
 */
export async function placeByReserving(part: string, final: string): Promise<Placing> {
  try {
    const reservation = await open(final, "wx");
    await reservation.close();
  } catch (error) {
    if (systemCode(error) === "EEXIST") return "taken";
    throw error;
  }
  try {
    await rename(part, final);
    return "placed";
  } catch (error) {
    await unlink(final).catch(() => undefined);
    throw error;
  }
}

/** True where there was one. */
export async function removeIfThere(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

/** How shares say that they cannot do it, and folders that may be written but not listed: then the server has to see to it. */
const cannotSync = new Set(["EINVAL", "ENOTSUP", "EOPNOTSUPP", "EPERM", "EACCES", "EBADF"]);

/** Makes the new name survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!cannotSync.has(systemCode(error) ?? "")) throw error;
  }
}
