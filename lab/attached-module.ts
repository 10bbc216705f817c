// Mitschnitt as a process of its own: started, stopped and killed as an operator or a crash would.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { readRunFile } from "../src/run-file.ts";
import { waitUntil } from "./deadline.ts";
import { LabError } from "./lab-error.ts";

export interface AttachedModule {
  /** Starts the process and waits until it is connected to the PBX, unless told not to wait for that. */
  start(options?: { readonly connected?: boolean }): Promise<StartedModule>;
  /** SIGTERM, and waits for the end. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Undefined while it is not running. */
  readonly pid: number | undefined;
  /** What it wrote so far, all runs together. */
  log(): string;
}

export interface StartedModule {
  readonly address: string;
  /** Of the first start. */
  readonly password: string | undefined;
}

const startTimeoutMs = 30_000;
const stopTimeoutMs = 20_000;

export interface AttachedModuleOptions {
  /** Node and its arguments in front of the module's own. */
  readonly program: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly dataFolder: string;
}

export function attachModule({ program, env, cwd, dataFolder }: AttachedModuleOptions): AttachedModule {
  const [node = "", ...args] = program;
  let child: ChildProcess | undefined;
  let text = "";
  let password: string | undefined;
  const runningChild = (): ChildProcess | undefined =>
    child?.exitCode === null && child.signalCode === null ? child : undefined;

  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const running = runningChild();
    if (running === undefined) return;
    const ended = once(running, "exit");
    running.kill(signal);
    const timer = setTimeout(() => running.kill("SIGKILL"), stopTimeoutMs);
    await ended;
    clearTimeout(timer);
  };

  return {
    get pid() {
      return runningChild()?.pid;
    },
    log: () => text,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    async start({ connected = true } = {}) {
      const begunAt = text.length;
      const started = spawn(node, [...args, "start"], { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
      child = started;
      // The module must not outlive whoever started it, however that one ends.
      const killAtExit = (): boolean => started.kill("SIGKILL");
      process.on("exit", killAtExit);
      started.once("exit", () => process.off("exit", killAtExit));
      for (const stream of [started.stdout, started.stderr])
        createInterface({ input: stream }).on("line", (line) => {
          text += `${line}\n`;
          password = /^First login at .*: admin \/ (\S+)$/.exec(line)?.[1] ?? password;
        });
      const isUp = (): boolean => {
        if (started.exitCode !== null || started.signalCode !== null)
          throw new LabError(`the module ended while it was starting:\n${text.slice(begunAt)}`, {
            code: "lab-module-ended",
            hint: "Its last lines say why.",
          });
        const said = text.slice(begunAt);
        return (
          said.includes('"Mitschnitt is running"') && (!connected || said.includes('"connected to the PBX'))
        );
      };
      await waitUntil("the module runs", isUp, { timeoutMs: startTimeoutMs, intervalMs: 20 });
      const run = await readRunFile(dataFolder);
      if (run === undefined)
        throw new LabError("the module runs without a run.json", {
          code: "lab-no-run-file",
          hint: "A fault.",
        });
      return { address: run.address, password };
    },
  };
}
