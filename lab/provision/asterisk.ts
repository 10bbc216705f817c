// Finds an Asterisk for the lab: unpacked from Debian's archive into a cache, once a machine, or where apt cannot
// do that, the one that is installed. Everything in the lab starts what this returns.

import { execFile } from "node:child_process";
import { access, constants, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { LabError } from "../lab-error.ts";

const run = promisify(execFile);

export type AsteriskVersion = 22 | 16;

export interface AsteriskBinary {
  /** As `asterisk -V` says it, without the word: `22.10.1+dfsg`. */
  readonly version: string;
  readonly major: number;
  /** `unpacked` by us, of the version asked for; `installed` is whatever the machine has. */
  readonly origin: "unpacked" | "installed";
  readonly command: string;
  readonly moduleDir: string;
  /** Holds `sounds/en` and `moh`. */
  readonly dataDir: string;
}

const SUITES = { 22: "forky", 16: "bullseye" } as const satisfies Record<AsteriskVersion, string>;
const UNPACK_TIMEOUT_MS = 20 * 60_000;

/** Where unpacked versions are kept; `MITSCHNITT_LAB` moves it. */
export function labCacheDir(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.MITSCHNITT_LAB) return environment.MITSCHNITT_LAB;
  return join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), "mitschnitt-lab");
}

/** Safe to call from several processes at once; takes about 10 s the first time and 20 ms later. */
export async function provisionAsterisk(version: AsteriskVersion): Promise<AsteriskBinary> {
  const dir = join(labCacheDir(), `asterisk-${version}`);
  let refusal: unknown;
  try {
    await unpack(version, dir);
    return await describeUnpacked(dir);
  } catch (error) {
    refusal = error;
  }
  const installed = await findInstalledAsterisk(`${process.env.PATH ?? ""}:/usr/sbin:/usr/local/sbin`);
  if (installed !== undefined) return installed;
  throw new LabError(`no Asterisk ${version}: ${reasonOf(refusal)}, and none is installed`, {
    code: "lab-no-asterisk",
    hint: "Debian 12 with access to its package archive needs nothing more. Elsewhere install Asterisk (Debian, Ubuntu: apt-get install asterisk; Fedora: dnf install asterisk) and try again.",
    cause: refusal,
  });
}

async function unpack(version: AsteriskVersion, dir: string): Promise<void> {
  if (!(await exists(join(dir, "module-dir")))) {
    process.stderr.write(`Asterisk ${version}: fetching it from Debian's archive into ${dir}\n`);
  }
  const script = fileURLToPath(new URL("asterisk.sh", import.meta.url));
  await run("bash", [script, SUITES[version], dir], { timeout: UNPACK_TIMEOUT_MS });
}

async function describeUnpacked(dir: string): Promise<AsteriskBinary> {
  const command = join(dir, "asterisk");
  const moduleDir = join(dir, (await readFile(join(dir, "module-dir"), "utf8")).trim());
  const dataDir = join(dir, "root/usr/share/asterisk");
  return { ...(await askVersion(command)), origin: "unpacked", command, moduleDir, dataDir };
}

/**
 * What the machine has. Its own configuration may be anything, so the folders are looked for where packages and
 * `make install` put them, below `root`.
 */
export async function findInstalledAsterisk(
  searchPath: string,
  root = "/",
): Promise<AsteriskBinary | undefined> {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== "");
  const commands = folders.map((folder) => join(folder, "asterisk"));
  const command = await firstExisting(commands, { mode: constants.X_OK });
  const moduleDir = await firstExisting(
    [
      "usr/lib/asterisk/modules",
      `usr/lib/${debianArchitecture()}/asterisk/modules`,
      "usr/lib64/asterisk/modules",
      "usr/local/lib/asterisk/modules",
    ].map((folder) => join(root, folder)),
  );
  const dataDir = await firstExisting(
    ["usr/share/asterisk", "var/lib/asterisk"].map((folder) => join(root, folder)),
    { holding: "sounds" },
  );
  if (command === undefined || moduleDir === undefined || dataDir === undefined) return undefined;
  return { ...(await askVersion(command)), origin: "installed", command, moduleDir, dataDir };
}

function debianArchitecture(): string {
  return process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
}

async function askVersion(command: string): Promise<{ version: string; major: number }> {
  const { stdout } = await run(command, ["-V"], { timeout: 10_000 });
  const match = /^Asterisk (?:certified[-/])?((\d+)\S*)/.exec(stdout);
  if (match?.[1] === undefined) {
    throw new LabError(`${command} -V: expected a version, got ${JSON.stringify(stdout.trim())}`, {
      code: "lab-asterisk-version",
      hint: `Run ${command} -V and look at what it says.`,
    });
  }
  return { version: match[1], major: Number(match[2]) };
}

async function firstExisting(
  paths: readonly string[],
  { mode = constants.R_OK as number, holding = "" } = {},
): Promise<string | undefined> {
  for (const path of paths) if (await exists(join(path, holding), mode)) return path;
  return undefined;
}

async function exists(path: string, mode: number = constants.F_OK): Promise<boolean> {
  try {
    await access(path, mode);
    return mode !== constants.X_OK || (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** The script's last line says why it gave up; a missing `bash` or a timeout says it in the error itself. */
function reasonOf(error: unknown): string {
  const stderr = error instanceof Error && "stderr" in error ? String(error.stderr).trim() : "";
  return stderr.split("\n").at(-1) || (error instanceof Error ? error.message : String(error));
}
