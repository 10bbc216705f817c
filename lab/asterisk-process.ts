// One run of an Asterisk: from the spawn to the moment it is booted and answers the lab, and to its end. Knows
// nothing of what is configured but where the logs are.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { connectAmi, type LabAmi } from "./ami.ts";
import { waitUntil, withinMs } from "./deadline.ts";
import { LabError } from "./lab-error.ts";

export interface AmiLogin {
  readonly port: number;
  readonly user: string;
  readonly secret: string;
}

export interface AsteriskProcess {
  /** Asterisk's own, not a wrapper's. */
  readonly pid: number;
  readonly ami: LabAmi;
  readonly running: () => boolean;
  /** Sends the signal and waits for the end; what does not obey is killed. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

interface Child {
  readonly pid: number;
  readonly running: () => boolean;
  readonly exited: Promise<void>;
}

const GUARD = fileURLToPath(new URL("guard.sh", import.meta.url));
const BOOT_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5_000;
/** What res_pjsip and the manager log when another process holds their port. */
const PORT_TAKEN = /Address already in use|Unable to bind|could not be started/;

export async function bootAsterisk(how: {
  readonly command: readonly string[];
  readonly amiLogin: AmiLogin;
  readonly logFile: string;
  readonly consoleFile: string;
}): Promise<AsteriskProcess> {
  const loggedBefore = (await readLog(how.logFile)).length;
  const child = await spawnGuarded(how.command, how.consoleFile);
  const newLog = async () => (await readLog(how.logFile)).slice(loggedBefore);
  try {
    const ami = await waitForBoot(child, how.amiLogin, newLog, how.consoleFile);
    return { pid: child.pid, running: child.running, ami, end: (signal) => end(child, ami, signal) };
  } catch (error) {
    kill(child, "SIGKILL");
    await child.exited;
    throw error;
  }
}

/** In a session of its own: Ctrl-C in a terminal reaches only the lab, which then stops things in order. */
async function spawnGuarded(command: readonly string[], consoleFile: string): Promise<Child> {
  const output = await open(consoleFile, "a");
  try {
    // Node's half of the stdin pipe is what the guard watches.
    const child = spawn("sh", [GUARD, ...command], { detached: true, stdio: ["pipe", output.fd, output.fd] });
    const exited = once(child, "exit").then(() => {});
    await once(child, "spawn");
    child.unref(); // a forgotten Asterisk does not keep the process, the guard ends it then
    return {
      pid: child.pid ?? 0,
      exited,
      running: () => child.exitCode === null && child.signalCode === null,
    };
  } finally {
    await output.close();
  }
}

async function waitForBoot(
  child: Child,
  login: AmiLogin,
  newLog: () => Promise<string>,
  consoleFile: string,
): Promise<LabAmi> {
  const ami = await waitUntil(
    `Asterisk's AMI on port ${login.port}`,
    async () => {
      if (!child.running()) throw bootError(await readLog(consoleFile), consoleFile);
      throwIfPortTaken(await newLog());
      return connectAmi(login).catch(() => undefined);
    },
    { timeoutMs: BOOT_TIMEOUT_MS, intervalMs: 40 },
  );
  try {
    // The manager answers before the last module is loaded.
    await ami.action("Command", { Command: "core waitfullybooted" }, BOOT_TIMEOUT_MS);
    throwIfPortTaken(await newLog());
    return ami;
  } catch (error) {
    ami.close();
    throw error;
  }
}

async function end(child: Child, ami: LabAmi, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  ami.close();
  kill(child, signal);
  try {
    await withinMs("end of Asterisk", STOP_TIMEOUT_MS, child.exited);
  } catch {
    kill(child, "SIGKILL");
    await child.exited;
  }
}

function kill(child: Child, signal: NodeJS.Signals): void {
  if (child.running()) process.kill(child.pid, signal);
}

async function readLog(file: string): Promise<string> {
  return readFile(file, "utf8").catch(() => "");
}

function throwIfPortTaken(log: string): void {
  const line = log.split("\n").find((candidate) => PORT_TAKEN.test(candidate));
  if (line === undefined) return;
  throw new LabError(`Asterisk did not get its port: ${line}`, {
    code: "lab-port-taken",
    hint: "Another process took the port in the same moment; try again.",
  });
}

function bootError(consoleText: string, consoleFile: string): LabError {
  const lines = consoleText.trim().split("\n").slice(-3).join(" ");
  return new LabError(`Asterisk ended while it booted: ${lines}`, {
    code: "lab-boot-failed",
    hint: `Look into ${consoleFile} and the log beside it.`,
  });
}
