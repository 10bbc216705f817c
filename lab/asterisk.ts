// A private Asterisk on loopback: a folder with its configuration, one process in the foreground, and a guard that
// ends it with whoever started it. The PBX under test and the world of phones around it are both one of these.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { asAccount, giveTo, type LabAccount } from "./account.ts";
import type { LabAmi } from "./ami.ts";
import { type AsteriskFolders, foldersIn, writeConfig } from "./asterisk-config.ts";
import { type AmiLogin, type AsteriskProcess, bootAsterisk } from "./asterisk-process.ts";
import { LabError } from "./lab-error.ts";
import { freePort } from "./ports.ts";
import type { AsteriskBinary } from "./provision/asterisk.ts";

const run = promisify(execFile);
const MAX_PORT_ATTEMPTS = 5;

export interface AsteriskPorts {
  readonly sip: number;
  readonly ami: number;
}

export interface AsteriskOptions {
  readonly binary: AsteriskBinary;
  /** Is made where missing and kept by `stop`; where not given, a temporary folder that `stop` removes. */
  readonly dir?: string;
  /** Files for `etc/`, by name. The SIP transport has to bind 127.0.0.1 and `ports.sip`. */
  readonly files: (ports: AsteriskPorts) => Readonly<Record<string, string>>;
  /** For who must know them beforehand. A port that is taken is then an error, not a second attempt. */
  readonly ports?: Partial<AsteriskPorts>;
  /** Left out although present, as in `bridge_native_rtp`. */
  readonly withoutModules?: readonly string[];
  /** Our own unless given; it has to be able to read the binary's files. */
  readonly account?: LabAccount;
}

export interface Asterisk extends AsteriskFolders {
  readonly binary: AsteriskBinary;
  readonly dir: string;
  readonly sipPort: number;
  readonly amiPort: number;
  /** Full rights, for the lab only; the module under test gets a user of its own from its installer. */
  readonly amiLogin: AmiLogin;
  /** The lab's connection; another one after each restart. */
  readonly ami: LabAmi;
  /** Asterisk's own pid; undefined while it is not running. */
  readonly pid: number | undefined;
  /** What `asterisk -rx` prints. */
  cli(command: string): Promise<string>;
  /** Everything logged since the folder was made. */
  log(): Promise<string>;
  /** Ends it in order and removes a temporary folder. */
  stop(): Promise<void>;
  /** As a crash does it. The folder stays. */
  kill(): Promise<void>;
  /** Stops it where it runs and boots it with the same folder, configuration and ports. */
  restart(): Promise<void>;
}

export async function startAsterisk(options: AsteriskOptions): Promise<Asterisk> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const sip = options.ports?.sip ?? (await freePort("udp"));
      const ami = options.ports?.ami ?? (await freePort("tcp"));
      return await startOnPorts(options, { sip, ami });
    } catch (error) {
      const taken = error instanceof LabError && error.code === "lab-port-taken";
      if (!taken || options.ports !== undefined || attempt >= MAX_PORT_ATTEMPTS) throw error;
    }
  }
}

async function startOnPorts(options: AsteriskOptions, ports: AsteriskPorts): Promise<Asterisk> {
  const { binary } = options;
  // Short, for the control socket: a Unix socket's path has room for 107 characters.
  const runDir = await mkdtemp(join(tmpdir(), "mitschnitt-lab-"));
  const dir = options.dir ?? join(runDir, "asterisk");
  await mkdir(dir, { recursive: true });
  const folders = foldersIn(await realpath(dir));
  const configFile = join(folders.etcDir, "asterisk.conf");
  const amiLogin = { port: ports.ami, user: "lab", secret: randomBytes(16).toString("hex") };
  await writeConfig({
    binary,
    dir: await realpath(dir),
    runDir,
    amiPort: ports.ami,
    amiSecret: amiLogin.secret,
    withoutModules: options.withoutModules ?? [],
    files: options.files(ports),
  });

  const { account } = options;
  const command = [...(account ? asAccount(account) : []), binary.command, "-f", "-C", configFile];
  if (account !== undefined) await giveTo(account, dir);
  const boot = async (): Promise<AsteriskProcess> => {
    await mkdir(runDir, { recursive: true });
    if (account !== undefined) await giveTo(account, runDir);
    return bootAsterisk({ command, amiLogin, ...folders });
  };
  const removeRunDir = () => rm(runDir, { recursive: true, force: true });
  let process = await boot().catch(async (error: unknown) => {
    await removeRunDir();
    throw error;
  });

  return {
    ...folders,
    binary,
    dir,
    sipPort: ports.sip,
    amiPort: ports.ami,
    amiLogin,
    get ami() {
      return process.ami;
    },
    get pid() {
      return process.running() ? process.pid : undefined;
    },
    async cli(line) {
      const limits = { timeout: 10_000, maxBuffer: 64 << 20 };
      const { stdout } = await run(binary.command, ["-C", configFile, "-rx", line], limits);
      return stdout;
    },
    log: () => readFile(folders.logFile, "utf8"),
    async stop() {
      await process.end("SIGTERM");
      await removeRunDir();
    },
    kill: () => process.end("SIGKILL"),
    async restart() {
      await process.end("SIGTERM");
      process = await boot();
    },
  };
}
