// The Asterisk of this machine as the installer sees it: where its files are, under which account it runs, and its
// command line, which is asked with fixed words only.

import { execFile } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import { InstallError } from "../core/errors.ts";
import { type ConfigSection, configValue, readConfig } from "./asterisk-config.ts";

const run = promisify(execFile);

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export type CliAnswer =
  | { readonly state: "answered"; readonly output: string }
  /** Not running, not to be reached with our rights, or hanging. */
  | { readonly state: "silent"; readonly reason: string };

export interface AsteriskHost {
  readonly etcDir: string;
  readonly spoolDir: string;
  readonly runDir: string;
  readonly logDir: string;
  /** The account that Asterisk runs under, or would run under. */
  account(): Promise<Account>;
  /** Of the process that runs; undefined where none does. */
  umask(): Promise<number | undefined>;
  /** One command, as in `dialplan reload`; never a value that came from outside. */
  cli(command: string): Promise<CliAnswer>;
  /** Sections of a configuration file with its includes; undefined where it does not exist. */
  config(fileName: string): Promise<readonly ConfigSection[] | undefined>;
}

export interface AsteriskHostOptions {
  /** Path of asterisk.conf. */
  readonly asteriskConf: string;
  /** The binary, a name on the PATH or a path. */
  readonly asteriskBin: string;
  readonly cliTimeoutMs?: number;
}

/** Throws `asterisk-conf-missing`. */
export async function openAsteriskHost(options: AsteriskHostOptions): Promise<AsteriskHost> {
  const { asteriskConf, asteriskBin, cliTimeoutMs = 30_000 } = options;
  const sections = isAbsolute(asteriskConf)
    ? await readConfig(asteriskConf, dirname(asteriskConf)).catch(unreadable(asteriskConf))
    : undefined;
  if (sections === undefined) throw noAsteriskConf(asteriskConf);
  const folder = (key: string, otherwise: string) => configValue(sections, "directories", key) ?? otherwise;
  // Without a value Asterisk takes what it was built with: the folder of asterisk.conf, and Debian's for the others.
  const etcDir = folder("astetcdir", dirname(asteriskConf));
  const spoolDir = folder("astspooldir", "/var/spool/asterisk");
  const runDir = folder("astrundir", "/var/run/asterisk");
  const logDir = folder("astlogdir", "/var/log/asterisk");

  return {
    etcDir,
    spoolDir,
    runDir,
    logDir,
    account: async () =>
      accountIn(await processStatus(runDir)) ??
      (await accountOfConfig(sections)) ??
      (await accountOfFolder(spoolDir)),
    umask: async () => umaskIn(await processStatus(runDir)),
    async cli(command) {
      try {
        const { stdout } = await run(asteriskBin, ["-C", asteriskConf, "-rx", command], {
          timeout: cliTimeoutMs,
          killSignal: "SIGKILL",
          maxBuffer: 16 * 1024 * 1024,
        });
        return { state: "answered", output: stdout };
      } catch (error) {
        return { state: "silent", reason: reasonOf(error, asteriskBin, cliTimeoutMs) };
      }
    },
    config: (fileName) => {
      const path = join(etcDir, fileName);
      return readConfig(path, etcDir).catch(unreadable(path));
    },
  };
}

/** /proc/PID/status of the Asterisk that runs. */
async function processStatus(runDir: string): Promise<string | undefined> {
  try {
    const pid = Number.parseInt(await readFile(join(runDir, "asterisk.pid"), "utf8"), 10);
    // A pid file can outlive its process, and the pid then belong to something else.
    if (!(await readFile(`/proc/${pid}/cmdline`, "utf8")).includes("asterisk")) return undefined;
    return await readFile(`/proc/${pid}/status`, "utf8");
  } catch {
    return undefined;
  }
}

/** The truth where it runs: options on the command line (`-U asterisk`, as Debian has it) stand in no file. */
function accountIn(status = ""): Account | undefined {
  const effective = (name: string) =>
    Number(new RegExp(`^${name}:\\s+\\d+\\s+(\\d+)`, "m").exec(status)?.[1]);
  const account = { uid: effective("Uid"), gid: effective("Gid") };
  return Number.isInteger(account.uid) && Number.isInteger(account.gid) ? account : undefined;
}

function umaskIn(status = ""): number | undefined {
  const octal = /^Umask:\s+([0-7]+)$/m.exec(status)?.[1];
  return octal === undefined ? undefined : Number.parseInt(octal, 8);
}

async function accountOfConfig(sections: readonly ConfigSection[]): Promise<Account | undefined> {
  const user = configValue(sections, "options", "runuser");
  const group = configValue(sections, "options", "rungroup");
  if (!user) return undefined;
  const [, , uid, primaryGid] = await lookUp("passwd", user, "runuser");
  const [, , gid] = group ? await lookUp("group", group, "rungroup") : ["", "", primaryGid];
  return { uid: Number(uid), gid: Number(gid) };
}

async function lookUp(database: "passwd" | "group", name: string, key: string): Promise<string[]> {
  try {
    const { stdout } = await run("getent", ["--", database, name], { timeout: 10_000 });
    return stdout.trim().split(":");
  } catch (cause) {
    throw new InstallError(`asterisk.conf, ${key}: expected an account of this machine, got "${name}"`, {
      code: "asterisk-account",
      hint: `Correct ${key} in asterisk.conf, or create the account.`,
      permanent: true,
      cause,
    });
  }
}

async function accountOfFolder(spoolDir: string): Promise<Account> {
  try {
    const { uid, gid } = await stat(spoolDir);
    return { uid, gid };
  } catch (cause) {
    throw new InstallError(`the account that Asterisk runs under is unknown: there is no ${spoolDir}`, {
      code: "asterisk-account",
      hint: "Start Asterisk, or set runuser and rungroup in the [options] of asterisk.conf, and try again.",
      permanent: true,
      cause,
    });
  }
}

function reasonOf(error: unknown, asteriskBin: string, timeoutMs: number): string {
  const failure = error as NodeJS.ErrnoException & { killed?: boolean; stdout?: string; stderr?: string };
  if (failure.code === "ENOENT") return `there is no ${asteriskBin}`;
  if (failure.killed) return `no answer within ${timeoutMs / 1000} s`;
  // Asterisk says why on either of the two, depending on its version.
  return `${failure.stderr ?? ""}${failure.stdout ?? ""}`.trim().split("\n")[0] || failure.message;
}

function noAsteriskConf(path: string): InstallError {
  return new InstallError(`${path}: expected Asterisk's main configuration file as an absolute path`, {
    code: "asterisk-conf-missing",
    hint: "Install Asterisk first, or name its asterisk.conf with --asterisk-conf.",
    permanent: true,
  });
}

const unreadable = (path: string) => (cause: NodeJS.ErrnoException) => {
  throw new InstallError(`${path} cannot be read: ${cause.code ?? cause.message}`, {
    code: "not-permitted",
    hint: "Run the installer as root (sudo).",
    cause,
  });
};
