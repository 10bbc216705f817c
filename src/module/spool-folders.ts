// The folders that Asterisk and the module share: Asterisk writes recordings there, the module renames them, and nobody
// else of the machine may look. What needs root and cannot be had is reported with the command that does it.

import { execFile } from "node:child_process";
import { mkdir, rmdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { Account } from "./asterisk-host.ts";
import { type FileAttributes, type FileChanges, setAttributes } from "./file-changes.ts";
import type { ReportBuilder } from "./install-report.ts";

const run = promisify(execFile);

export interface SpoolFoldersOptions {
  readonly dataDir: string;
  readonly asterisk: Account;
  /** Asterisk's, where it runs. */
  readonly umask?: number | undefined;
  readonly changes: FileChanges;
  readonly report: ReportBuilder;
  readonly dryRun: boolean;
}

/** Of a folder that is there: what it needs to be. Undefined: it is so already. */
type Correction = (folder: FileAttributes, asterisk: Account) => FileAttributes | undefined;

export async function prepareSpoolFolders(options: SpoolFoldersOptions): Promise<void> {
  const { dataDir, asterisk } = options;
  const spool = join(dataDir, "spool");
  await prepare(options, dataDir, passable);
  const owner = (await attributesOf(dataDir))?.uid ?? ownUid();
  await prepare(options, spool, passable, owner);
  for (const name of ["open", "transfer"]) await prepare(options, join(spool, name), shared, owner);
  await checkWayTo(options);
  await checkService(options, owner, asterisk);
}

/** Asterisk may pass through, but not look around: the journal and the secrets are here. */
const passable: Correction = (folder, asterisk) => {
  if (mayPass(folder, asterisk)) return undefined;
  // The former group's rights are not handed on to Asterisk's, nor are new files to belong to it.
  return { ...folder, gid: asterisk.gid, mode: (folder.mode & ~0o2070) | 0o010 };
};

/** Setgid, so that the files of either account belong to Asterisk's group; nobody else looks in. */
const shared: Correction = (folder, asterisk) => {
  const mode = (folder.mode & ~0o007) | 0o2770;
  return folder.gid === asterisk.gid && folder.mode === mode
    ? undefined
    : { ...folder, gid: asterisk.gid, mode };
};

function mayPass({ uid, gid, mode }: FileAttributes, asterisk: Account): boolean {
  if (asterisk.uid === 0) return true;
  if (uid === asterisk.uid) return (mode & 0o100) !== 0;
  return (mode & (gid === asterisk.gid ? 0o010 : 0o001)) !== 0;
}

async function prepare(
  options: SpoolFoldersOptions,
  folder: string,
  correct: Correction,
  owner = ownUid(),
): Promise<void> {
  const { asterisk, changes, report, dryRun } = options;
  const before = await attributesOf(folder);
  const wanted =
    before === undefined
      ? {
          mode: 0o700,
          uid: owner,
          gid: asterisk.gid,
          ...correct({ mode: 0o700, uid: owner, gid: -1 }, asterisk),
        }
      : correct(before, asterisk);
  if (wanted === undefined) return report.step(false, "folder", folder);
  try {
    if (!dryRun) {
      if (before === undefined) await create(folder, changes);
      else changes.onTakeBack(() => setAttributes(folder, before));
      await setAttributes(folder, wanted);
    }
    report.step(true, "folder", folder);
  } catch (error) {
    const rights = wanted.mode.toString(8);
    report.warn(
      "spool-rights",
      `${folder} could not be shared with Asterisk's group: ${(error as NodeJS.ErrnoException).code ?? error}`,
      `As root: mkdir -p ${folder} && chown ${wanted.uid}:${wanted.gid} ${folder} && chmod ${rights} ${folder}`,
    );
  }
}

async function create(folder: string, changes: FileChanges): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // By then recordings may have come into it; only an empty one goes.
  changes.onTakeBack(() => rmdir(folder).catch(() => undefined));
}

/** The folders above the data folder are not ours to change. */
async function checkWayTo({ dataDir, asterisk, report }: SpoolFoldersOptions): Promise<void> {
  for (let folder = dirname(dataDir); ; folder = dirname(folder)) {
    const facts = await attributesOf(folder);
    if (facts !== undefined && !mayPass(facts, asterisk))
      report.warn(
        "spool-out-of-reach",
        `Asterisk may not pass through ${folder} on its way to ${dataDir}`,
        `Choose another folder with --data, as in /var/lib/mitschnitt, or as root: chmod o+x ${folder}`,
      );
    if (folder === dirname(folder)) return;
  }
}

/** The account that owns the data folder is the one that the module runs under. */
async function checkService(
  { dataDir, umask = 0, report }: SpoolFoldersOptions,
  owner: number,
  asterisk: Account,
): Promise<void> {
  if (owner === asterisk.uid) return;
  if (owner !== 0 && (umask & 0o040) !== 0)
    report.warn(
      "asterisk-umask",
      `Asterisk's umask ${umask.toString(8).padStart(4, "0")} keeps its group from reading what it writes: Mitschnitt could not read the recordings`,
      "Set UMask=0027 in Asterisk's service (systemctl edit asterisk), or umask 0027 in its start script, and restart it.",
    );
  if (owner === 0)
    return report.warn(
      "data-owned-by-root",
      `${dataDir} belongs to root, and Mitschnitt should run under an account of its own`,
      `As root: useradd --system --groups "$(getent group ${asterisk.gid} | cut -d: -f1)" mitschnitt, then chown -R mitschnitt ${dataDir}, then run the installer again.`,
    );
  const groups = await run("id", ["-G", String(owner)], { timeout: 10_000 }).then(
    ({ stdout }) => stdout.trim().split(" ").map(Number),
    (): number[] => [],
  );
  if (!groups.includes(asterisk.gid))
    report.warn(
      "service-not-in-group",
      `account ${owner}, which owns ${dataDir}, is not in Asterisk's group ${asterisk.gid}`,
      `As root: usermod -aG "$(getent group ${asterisk.gid} | cut -d: -f1)" "$(id -nu ${owner})", then restart Mitschnitt.`,
    );
}

const ownUid = (): number => process.getuid?.() ?? 0;

const attributesOf = (path: string): Promise<FileAttributes | undefined> =>
  stat(path).then(
    ({ mode, uid, gid }) => ({ mode: mode & 0o7777, uid, gid }),
    () => undefined,
  );
