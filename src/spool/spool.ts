// The two folders of recordings on one file system: open/ is written by Asterisk under generated names, transfer/
// holds what is finished under its final name. Moving between them is a rename that never overwrites.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { access, chmod, mkdir, readdir, realpath, rename, stat, statfs, unlink } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { SpoolError } from "../core/errors.ts";
import { syncFolder } from "../files/durable-file.ts";
import { createDiskUsage, type DiskUsage } from "./disk-usage.ts";

export interface Spool {
  readonly openFolder: string;
  readonly transferFolder: string;
  /** Where Asterisk writes a recording: generated from its id, nothing of the call is in it. */
  openPath(recordingId: string): string;
  transferPath(fileName: string): string;
  /** Size in bytes; undefined where there is no such file. */
  sizeOf(path: string): Promise<number | undefined>;
  /**
   * open/ → transfer/. Does nothing where it was done before; throws `name-taken` rather than overwrite, and
   * `file-missing`, which is permanent, where it is in neither.
   */
  moveToTransfer(recordingId: string, fileName: string): Promise<void>;
  removeOpen(recordingId: string): Promise<void>;
  /** Ids of the recordings whose files are in open/. */
  openIds(): Promise<readonly string[]>;
  /** Follows everything that is done and seen through this spool. */
  readonly usage: DiskUsage;
  freeBytes(): Promise<number>;
}

const recordingIdPattern = /^[0-9a-f]{32}$/;

/** Group-writable and setgid, so that files and folders of Asterisk's account and of the module's stay in one group. */
const folderMode = 0o2770;

export async function openSpool(dataFolder: string): Promise<Spool> {
  const openFolder = join(dataFolder, "spool", "open");
  const transferFolder = join(dataFolder, "spool", "transfer");
  for (const folder of [openFolder, transferFolder]) await prepareFolder(folder);
  const usage = createDiskUsage({ openFolder, transferFolder });

  const openPath = (recordingId: string): string => {
    if (!recordingIdPattern.test(recordingId))
      throw new SpoolError(`recording id: expected 32 hex digits, got "${recordingId}"`, {
        code: "recording-id",
        hint: "This is a fault in the program, please report it.",
        permanent: true,
      });
    return join(openFolder, `${recordingId}.wav`);
  };
  const transferPath = (fileName: string): string => {
    const path = join(transferFolder, fileName);
    if (!path.startsWith(transferFolder + sep) || fileName.includes(sep))
      throw new SpoolError(`file name: expected a name without folders, got "${fileName}"`, {
        code: "file-name",
        hint: "This is a fault in the program, please report it.",
        permanent: true,
      });
    return path;
  };

  return {
    openFolder,
    transferFolder,
    openPath,
    transferPath,
    usage,
    async sizeOf(path) {
      const departures = usage.departures();
      const size = await sizeOf(path);
      // Else the file may have left while it was looked at.
      const isUpToDate = departures === usage.departures();
      if (dirname(path) === openFolder && isUpToDate) usage.sawOpen(basename(path), size);
      return size;
    },
    async moveToTransfer(recordingId, fileName) {
      const from = openPath(recordingId);
      const to = transferPath(fileName);
      const [waits, taken] = [await sizeOf(from), await sizeOf(to)];
      if (waits === undefined && taken !== undefined) return;
      if (waits === undefined) throw missing(from);
      if (taken !== undefined)
        throw moveFailed(from, to, "name-taken", "a file of this name is there already");
      // Not link() and unlink(): the kernel lets nobody link a file of another account (fs.protected_hardlinks). The
      // journal hands out each name once and the folder is ours, so nothing can come between the look and the rename.
      try {
        await usage.moving({
          openName: basename(from),
          fileName,
          sizeBytes: waits,
          rename: () => rename(from, to),
        });
      } catch (cause) {
        throw moveFailed(
          from,
          to,
          "move-failed",
          (cause as NodeJS.ErrnoException).code ?? String(cause),
          cause,
        );
      }
      await syncFolder(transferFolder);
      await syncFolder(openFolder);
    },
    async removeOpen(recordingId) {
      const path = openPath(recordingId);
      await unlink(path).catch(ignoreMissing);
      usage.removedOpen(basename(path));
    },
    async openIds() {
      const names = await readdir(openFolder);
      return names
        .flatMap((name) => (name.endsWith(".wav") ? [name.slice(0, -4)] : []))
        .filter((id) => recordingIdPattern.test(id));
    },
    freeBytes: () => free(openFolder),
  };
}

function moveFailed(from: string, to: string, code: string, why: string, cause?: unknown): SpoolError {
  return new SpoolError(`${from} could not be moved to ${to}: ${why}`, {
    code,
    hint: "Check the rights of the spool folders, and that open/ and transfer/ are on one file system.",
    cause,
  });
}

function missing(path: string): SpoolError {
  return new SpoolError(`${path} is not there any more`, {
    code: "file-missing",
    hint: "Look who removes files from the spool: only this module may.",
    permanent: true,
  });
}

async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: folderMode });
    const { mode } = await stat(folder);
    if ((mode & 0o2070) !== 0o2070) await chmod(folder, folderMode).catch(() => undefined);
    await access(folder, 7);
  } catch (cause) {
    throw new SpoolError(
      `${folder}: cannot be used: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`,
      {
        code: "spool-unusable",
        hint: "The folder must exist, and both this module and Asterisk must be allowed to write in it.",
        cause,
      },
    );
  }
}

/** In bytes; undefined where there is no such file. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function free(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

const ignoreMissing = (error: NodeJS.ErrnoException): void => {
  if (error.code !== "ENOENT") throw error;
};

/** SHA-256 of a file, hex. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** The real path of a file that lies inside the folder, links resolved; undefined for anything else. */
export async function insideFolder(folder: string, path: string): Promise<string | undefined> {
  try {
    const [root, real] = await Promise.all([realpath(folder), realpath(path)]);
    return real.startsWith(root + sep) ? real : undefined;
  } catch {
    return undefined;
  }
}
