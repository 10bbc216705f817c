// Changes to the PBX's files that can be taken back: each write is whole or not at all, keeps mode and owner, follows a
// link to its target, and remembers what was there. With `dryRun` it only says what it would do.

import { constants } from "node:fs";
import { chmod, chown, lstat, open, readFile, realpath, rename, stat, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { InstallError } from "../core/errors.ts";
import { syncFolder } from "../files/durable-file.ts";

export interface FileAttributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export interface FileChanges {
  /** The bytes as they are now; undefined where there is no file. */
  read(path: string): Promise<Buffer | undefined>;
  /** `attributes` undefined: as they are. Resolves with whether anything had to be changed. */
  put(path: string, bytes: Buffer, attributes: FileAttributes | undefined): Promise<boolean>;
  remove(path: string): Promise<boolean>;
  /** Remembers how to undo something that is not a file's content. */
  onTakeBack(undo: () => Promise<void>): void;
  /** Undoes everything, the last change first; tries all of it and throws the first failure. */
  takeBack(): Promise<void>;
}

interface FileState {
  readonly bytes: Buffer;
  readonly attributes: FileAttributes;
}

export function createFileChanges({ dryRun }: { dryRun: boolean }): FileChanges {
  const undos: (() => Promise<void>)[] = [];

  const replace = async (target: string, before: FileState | undefined, after: FileState | undefined) => {
    if (dryRun) return;
    await write(target, after);
    undos.push(() => write(target, before));
  };

  return {
    read: async (path) => (await stateOf(await targetOf(path)))?.bytes,
    async put(path, bytes, wanted) {
      const target = await targetOf(path);
      const before = await stateOf(target);
      const attributes = wanted ?? before?.attributes;
      if (attributes === undefined) throw new Error(`${path}: a new file needs attributes`);
      if (before?.bytes.equals(bytes) && sameAttributes(before.attributes, attributes)) return false;
      await replace(target, before, { bytes, attributes });
      return true;
    },
    async remove(path) {
      const target = await targetOf(path);
      const before = await stateOf(target);
      if (before === undefined) return false;
      await replace(target, before, undefined);
      return true;
    },
    onTakeBack: (undo) => undos.push(undo),
    async takeBack() {
      const failures: unknown[] = [];
      for (const undo of undos.splice(0).reverse())
        await undo().catch((error: unknown) => failures.push(error));
      if (failures.length > 0) throw failures[0];
    },
  };
}

const sameAttributes = (a: FileAttributes, b: FileAttributes): boolean =>
  a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;

/** Where a link leads to: the target is edited, the link stays. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw fileFailure(path, cause);
    const dangling = await lstat(path).then(
      () => true,
      () => false,
    );
    if (!dangling) return path;
    throw new InstallError(`${path} is a link that leads nowhere`, {
      code: "dangling-link",
      hint: "Restore the file that the link points to, or remove the link.",
      permanent: true,
      cause,
    });
  }
}

async function stateOf(path: string): Promise<FileState | undefined> {
  try {
    const { mode, uid, gid } = await stat(path);
    return { bytes: await readFile(path), attributes: { mode: mode & 0o7777, uid, gid } };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw fileFailure(path, error);
  }
}

async function write(path: string, state: FileState | undefined): Promise<void> {
  // The name does not end in .conf, so that no `#include "*.conf"` reads it meanwhile.
  const temporary = `${path}.mitschnitt.part`;
  try {
    if (state === undefined) await unlink(path);
    else {
      await unlink(temporary).catch(ignoreMissing);
      await writeWithAttributes(temporary, state);
      await rename(temporary, path);
    }
    await syncFolder(dirname(path));
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw fileFailure(path, error);
  }
}

async function writeWithAttributes(path: string, { bytes, attributes }: FileState): Promise<void> {
  const { O_CREAT, O_EXCL, O_WRONLY, O_NOFOLLOW } = constants;
  const file = await open(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600);
  try {
    await file.writeFile(bytes);
    const { uid, gid } = await file.stat();
    if (uid !== attributes.uid || gid !== attributes.gid) await file.chown(attributes.uid, attributes.gid);
    await file.chmod(attributes.mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Sets owner and mode of a file or folder where they are others. */
export async function setAttributes(path: string, wanted: FileAttributes): Promise<void> {
  const { mode, uid, gid } = await stat(path);
  if (uid !== wanted.uid || gid !== wanted.gid) await chown(path, wanted.uid, wanted.gid);
  // After chown, which takes the setgid bit away.
  if ((mode & 0o7777) !== wanted.mode || uid !== wanted.uid || gid !== wanted.gid)
    await chmod(path, wanted.mode);
}

function fileFailure(path: string, cause: unknown): InstallError {
  const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const forbidden = code === "EACCES" || code === "EPERM" || code === "EROFS";
  return new InstallError(`${path} could not be read or changed: ${code}`, {
    code: forbidden ? "not-permitted" : "file-failed",
    hint: forbidden
      ? "Run the installer as root (sudo), and check that the file system may be written."
      : "Check the folder and the free space of the disk.",
    cause,
  });
}

const ignoreMissing = (error: NodeJS.ErrnoException): void => {
  if (error.code !== "ENOENT") throw error;
};
