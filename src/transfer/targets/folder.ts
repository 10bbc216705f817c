// A folder of this machine as a target; a mounted share counts as one. Copy to a temporary name, fsync, read back,
// link to the final name: a link never replaces a file, so nobody's file is ever overwritten, not even one that
// appears in the same moment.

import { link as hardLink, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemCode, transferError } from "../failures.ts";
import { findFinalName, type Looks } from "../final-name.ts";
import { assertSafeName, earlierPartNames, mostNumberedNames, partName } from "../remote-name.ts";
import type { Delivery, OutgoingFile, SendContext, Target } from "../target.ts";
import { folderFailure } from "./folder-failures.ts";
import {
  copyTo,
  hashOfFile,
  type Link,
  placeByLink,
  placeByReserving,
  removeIfThere,
  sizeOfFile,
  syncFolder,
} from "./folder-files.ts";

export interface FolderTargetOptions {
  readonly id: string;
  /** Absolute. It has to exist: only a folder below the mount point tells a share from the empty folder under it. */
  readonly path: string;
}

export interface FolderTargetParts {
  /** Replaced where a test needs a file system without hard links. */
  readonly link?: Link;
}

export function createFolderTarget(
  { id, path: folder }: FolderTargetOptions,
  { link = hardLink }: FolderTargetParts = {},
): Target {
  return {
    id,
    kind: "folder",
    async send(file, context) {
      assertSafeName(file);
      const part = join(folder, partName(file.recordingId, context.attempt));
      try {
        await assertFolder(folder);
        let interruptedBefore = false;
        for (const name of earlierPartNames(file.recordingId, context.attempt))
          if (await removeIfThere(join(folder, name))) interruptedBefore = true;
        return await deliver({ folder, part, file, context, link, interruptedBefore });
      } catch (error) {
        await removeIfThere(part).catch(() => undefined);
        throw folderFailure(error);
      }
    },
  };
}

async function assertFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  });
  if (found?.isDirectory() !== true)
    throw transferError(
      "target-missing",
      `${folder}: expected a folder, found ${found === undefined ? "nothing" : "something else"}`,
    );
}

interface FolderDelivery {
  readonly folder: string;
  readonly part: string;
  readonly file: OutgoingFile;
  readonly context: SendContext;
  readonly link: Link;
  /** An earlier attempt was killed: an empty file under the final name may be its reservation. */
  readonly interruptedBefore: boolean;
}

async function deliver(delivery: FolderDelivery): Promise<Delivery> {
  const { folder, part, file, context } = delivery;
  const looks: Looks = {
    sizeOf: (name) => sizeOfFile(join(folder, name)),
    hashOf: (name) => hashOfFile(join(folder, name), context),
  };
  const before = await findFinalName(file, looks);
  if (before.kind === "delivered") return { remoteName: before.name, verifiedBy: "hash" };

  await copyTo(part, file, context);
  const arrived = await hashOfFile(part, context);
  if (arrived !== file.sha256)
    throw transferError("verification-failed", `${part}: SHA-256 ${arrived}, expected ${file.sha256}`);

  const remoteName = await place(delivery, looks);
  await removeIfThere(part);
  await syncFolder(folder);
  return { remoteName, verifiedBy: "hash" };
}

/** Takes the first free name; whoever else takes one in the same moment keeps it. */
async function place(delivery: FolderDelivery, looks: Looks): Promise<string> {
  const { folder, part, file, context, link, interruptedBefore } = delivery;
  const removingReservations: Looks = {
    ...looks,
    async sizeOf(name) {
      const size = await looks.sizeOf(name);
      if (size !== 0 || file.sizeBytes === 0 || !interruptedBefore) return size;
      await removeIfThere(join(folder, name));
      return undefined;
    },
  };
  let linksWork = true;
  for (let round = 0; round <= mostNumberedNames; round++) {
    context.signal.throwIfAborted();
    context.onProgress({ phase: "place", bytes: round });
    const final = await findFinalName(file, linksWork ? looks : removingReservations);
    if (final.kind === "delivered") return final.name;
    const path = join(folder, final.name);
    const placing = linksWork ? await placeByLink(part, path, link) : await placeByReserving(part, path);
    if (placing === "placed") return final.name;
    if (placing === "no-links") linksWork = false;
  }
  throw transferError("name-taken", `${file.name}: each free name was taken by somebody else`);
}
