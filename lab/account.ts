// Accounts for the parts of the lab: where root runs it, PBX and module can each be somebody else, by numbers that no
// machine has given to anybody.

import { execFile } from "node:child_process";
import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AsteriskBinary } from "./provision/asterisk.ts";

const run = promisify(execFile);

export interface LabAccount {
  readonly uid: number;
  readonly gid: number;
  /** Besides `gid`. */
  readonly groups?: readonly number[];
}

/** In front of a command: it then runs under the account, and may become no other. */
export function asAccount({ uid, gid, groups = [] }: LabAccount): readonly string[] {
  const others = groups.length === 0 ? "--clear-groups" : `--groups=${groups.join()}`;
  return ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, others, "--no-new-privs"];
}

export async function giveTo({ uid, gid }: LabAccount, ...paths: readonly string[]): Promise<void> {
  await run("chown", ["-R", `${uid}:${gid}`, ...paths]);
}

/** root's cache is closed to others: the same files by other names, or copies of them on another file system. */
export async function reachableBinary(binary: AsteriskBinary, dir: string): Promise<AsteriskBinary> {
  if (binary.origin === "installed") return binary;
  const [from, to] = [join(binary.command, ".."), join(dir, "asterisk")];
  await chmod(dir, 0o711);
  await mkdir(to);
  // Not the whole tree with --link where links cannot be: cp would leave half of it.
  await run("cp", ["-a", "--link", `${from}/.`, to]).catch(() => run("cp", ["-a", `${from}/.`, to]));
  const moved = (path: string): string => join(to, path.slice(from.length));
  return {
    ...binary,
    command: moved(binary.command),
    moduleDir: moved(binary.moduleDir),
    dataDir: moved(binary.dataDir),
  };
}
