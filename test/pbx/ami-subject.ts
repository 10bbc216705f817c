// Two clients behind one face, so that the same scenario can be played to both: the library as it comes, and ours.
import { type ChildProcess, fork } from "node:child_process";
import { createAmiConnection } from "../../src/pbx/ami-connection.ts";
import type { AmiAction } from "../../src/pbx/ami-message.ts";
import { type Clock, systemClock } from "../../src/pbx/clock.ts";
import { until } from "../support/until.ts";
import { authority } from "./tls-certificate.ts";

export interface AmiSubject {
  /** Events that reached the user, header names in lower case. */
  readonly events: Readonly<Record<string, string>>[];
  /** How many actions have been answered or failed. */
  settled(): number;
  /** How often a login succeeded. */
  logins(): number;
  send(action: AmiAction): void;
  disconnect(): void;
  /** Waits for the condition; fails at once when the client's process has died. */
  until(what: string, condition: () => boolean): Promise<void>;
  end(): Promise<void>;
}

export interface SubjectOptions {
  readonly port: number;
  readonly tls: boolean;
  /** How many times faster than agreed our timers run: 10 s for a response become half a second. */
  readonly hurry: number;
}

/** Long enough for the library to do what it would do; it is expected to fail, and the test waits for that. */
const plainDeadlineMs = 800;

export async function startPlainAmiIo({ port }: SubjectOptions): Promise<AmiSubject> {
  const child: ChildProcess = fork(new URL("plain-ami-io.cjs", import.meta.url), [String(port)], {
    execArgv: [],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const events: Record<string, string>[] = [];
  let settled = 0;
  let logins = 0;
  let sent = 0;
  let died = false;
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => {
      died = true;
      resolve();
    });
  });
  child.on("message", (message: { type: string; headers: Record<string, string> }) => {
    if (message.type === "event") events.push(message.headers);
    if (message.type === "settled") settled += 1;
    if (message.type === "connected") logins += 1;
  });
  await new Promise<void>((resolve) => child.once("spawn", resolve));
  const command = (message: object) => {
    if (child.connected) child.send(message);
  };
  return {
    events,
    settled: () => settled,
    logins: () => logins,
    send: (action) => {
      sent += 1;
      command({ type: "send", number: sent, action });
    },
    disconnect: () => command({ type: "disconnect" }),
    until: async (what, condition) => {
      await until(what, () => died || condition(), plainDeadlineMs);
      if (died && !condition()) throw new Error(`the process died before: ${what}`);
    },
    end: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

export async function startMitschnitt({ port, tls, hurry }: SubjectOptions): Promise<AmiSubject> {
  const events: Record<string, string>[] = [];
  let settled = 0;
  let logins = 0;
  const connection = createAmiConnection({
    host: "127.0.0.1",
    port,
    user: "mitschnitt",
    secret: "secret",
    ...(tls ? { tls: { ca: authority } } : {}),
    wantedEvents: new Set(["Newchannel", "Hangup"]),
    log: { info: () => {}, warn: () => {} },
    clock: hurriedClock(hurry),
    random: () => 0,
  });
  connection.onEvent((event) => {
    events.push(
      Object.fromEntries(Object.entries(event).map(([name, value]) => [name.toLowerCase(), value])),
    );
  });
  connection.onState(({ state }) => {
    if (state === "connected") logins += 1;
  });
  connection.start();
  const countSettled = () => {
    settled += 1;
  };
  return {
    events,
    settled: () => settled,
    logins: () => logins,
    send: (action) => void connection.send(action).then(countSettled, countSettled),
    disconnect: () => void connection.stop(),
    until,
    end: () => connection.stop(),
  };
}

function hurriedClock(hurry: number): Clock {
  return { now: systemClock.now, after: (delayMs, task) => systemClock.after(delayMs / hurry, task) };
}
