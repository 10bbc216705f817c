// How much space the recordings take, as running sums: kept up to date by whatever the spool does, so that asking costs
// nothing however many files there are. A comparison with the disk corrects them.

import type { Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

export interface SpoolSums {
  /** Recordings in progress, and whatever else lies in the open folder. */
  readonly openBytes: number;
  readonly transferBytes: number;
}

/** The disk less the sums, in bytes: negative where files have vanished. All 0 in the first comparison. */
export interface Deviation {
  readonly openBytes: number;
  readonly transferBytes: number;
}

export interface DiskUsage {
  /** At once; 0 before the first comparison. */
  sums(): SpoolSums;
  /** Somebody looked at a file of the open folder; undefined where there is none. */
  sawOpen(name: string, sizeBytes: number | undefined): void;
  /** Carries out a rename from the open to the transfer folder, and counts it where it is not refused. */
  moving(move: Move): Promise<void>;
  removedOpen(name: string): void;
  /** Counts files that left the open folder: a look that began before such a moment may be out of date. */
  departures(): number;
  /** Walks both folders and corrects the sums; what happens meanwhile is not counted twice. One at a time. */
  compare(): Promise<Deviation>;
}

export interface Move {
  readonly openName: string;
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly rename: () => Promise<void>;
}

type Sizes = Map<string, number>;

/** What happens while the folders are walked. */
interface Meanwhile {
  readonly arrived: Sizes;
  readonly departed: Set<string>;
  readonly seen: Set<string>;
}

export function createDiskUsage(folders: {
  readonly openFolder: string;
  readonly transferFolder: string;
}): DiskUsage {
  const open: Sizes = new Map();
  let openBytes = 0;
  let transferBytes = 0;
  let departures = 0;
  let hasCompared = false;
  let meanwhile: Meanwhile | undefined;
  /** Under way: nobody can say yet in which folder a walk finds them. */
  const moves = new Set<Move>();
  let comparing: Promise<Deviation> | undefined;

  const setOpen = (name: string, sizeBytes: number): void => {
    openBytes += sizeBytes - (open.get(name) ?? 0);
    open.set(name, sizeBytes);
  };
  const deleteOpen = (name: string): void => {
    openBytes -= open.get(name) ?? 0;
    open.delete(name);
  };
  const depart = (name: string): void => {
    departures++;
    deleteOpen(name);
    meanwhile?.departed.add(name);
    meanwhile?.seen.delete(name);
  };

  const correctOpen = (found: Sizes, { departed, seen }: Meanwhile): number => {
    const moving = new Set([...moves].map(({ openName }) => openName));
    let deviation = 0;
    for (const [name, sizeBytes] of [...open]) {
      if (found.has(name) || seen.has(name) || moving.has(name)) continue;
      deviation -= sizeBytes;
      deleteOpen(name);
    }
    for (const [name, sizeBytes] of found) {
      if (departed.has(name) || seen.has(name)) continue;
      if (!open.has(name)) deviation += sizeBytes;
      setOpen(name, sizeBytes);
    }
    return deviation;
  };

  const correctTransfer = (found: Sizes, { arrived }: Meanwhile): number => {
    const moving = new Set([...moves].map(({ fileName }) => fileName));
    let bytes = 0;
    for (const [name, sizeBytes] of found) if (!arrived.has(name) && !moving.has(name)) bytes += sizeBytes;
    for (const sizeBytes of arrived.values()) bytes += sizeBytes;
    const deviation = bytes - transferBytes;
    transferBytes = bytes;
    return deviation;
  };

  const compareOnce = async (): Promise<Deviation> => {
    const during: Meanwhile = { arrived: new Map(), departed: new Set(), seen: new Set() };
    meanwhile = during;
    try {
      const [inOpen, inTransfer] = [await sizesIn(folders.openFolder), await sizesIn(folders.transferFolder)];
      const deviation = {
        openBytes: correctOpen(inOpen, during),
        transferBytes: correctTransfer(inTransfer, during),
      };
      const isFirst = !hasCompared;
      hasCompared = true;
      return isFirst ? { openBytes: 0, transferBytes: 0 } : deviation;
    } finally {
      meanwhile = undefined;
    }
  };

  return {
    sums: () => ({ openBytes, transferBytes }),
    sawOpen(name, sizeBytes) {
      if (sizeBytes === undefined) return depart(name);
      setOpen(name, sizeBytes);
      meanwhile?.seen.add(name);
    },
    async moving(move) {
      moves.add(move);
      try {
        await move.rename();
        depart(move.openName);
        transferBytes += move.sizeBytes;
        meanwhile?.arrived.set(move.fileName, move.sizeBytes);
      } finally {
        moves.delete(move);
      }
    },
    removedOpen: depart,
    departures: () => departures,
    compare() {
      comparing ??= compareOnce().finally(() => {
        comparing = undefined;
      });
      return comparing;
    },
  };
}

/** Enough to keep the disk busy, too few to keep the process from its work. */
const statsAtOnce = 32;

async function sizesIn(folder: string): Promise<Sizes> {
  // A copy that is being repaired lives for milliseconds.
  const names = (await readdir(folder)).filter((name) => !name.endsWith(".part"));
  const sizes: Sizes = new Map();
  for (let from = 0; from < names.length; from += statsAtOnce) {
    const some = names.slice(from, from + statsAtOnce);
    const stats = await Promise.all(some.map((name) => stat(join(folder, name)).catch(ignoreMissing)));
    some.forEach((name, index) => {
      const found = stats[index];
      if (found?.isFile()) sizes.set(name, found.size);
    });
  }
  return sizes;
}

function ignoreMissing(error: NodeJS.ErrnoException): Stats | undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
