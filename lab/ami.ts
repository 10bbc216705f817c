// The lab's own line to an Asterisk: places calls in the world, watches it. Small on purpose, and apart from the
// module's client, so that a fault in that one cannot hide itself in the tests.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { StringDecoder } from "node:string_decoder";
import { withinMs } from "./deadline.ts";
import { LabError } from "./lab-error.ts";

/** Header to value. Where a header repeats, the values are joined by a line break. */
export type AmiMessage = Readonly<Record<string, string | undefined>>;
export type AmiFields = Readonly<Record<string, string | number | readonly string[]>>;
type EventListener = (event: AmiMessage, raw: string) => void;

export interface LabAmi {
  /** The response, also where it is an `Error`. */
  request(action: string, fields?: AmiFields, timeoutMs?: number): Promise<AmiMessage>;
  /** Throws where Asterisk refuses. */
  action(action: string, fields?: AmiFields, timeoutMs?: number): Promise<AmiMessage>;
  /** Calls the listener for each event, with the text as it came; returns what ends that. */
  onEvent(listener: EventListener): () => void;
  /** The next event that fits; earlier ones do not count, so ask before you cause it. */
  nextEvent(awaited: string, fits: (event: AmiMessage) => boolean, timeoutMs?: number): Promise<AmiMessage>;
  close(): void;
}

const ACTION_TIMEOUT_MS = 10_000;
const MAX_MESSAGE_CHARS = 1 << 20;

export async function connectAmi(login: {
  readonly port: number;
  readonly user: string;
  readonly secret: string;
  /** Classes of events, as in manager.conf. */
  readonly events?: string;
}): Promise<LabAmi> {
  const socket = connect(login.port, "127.0.0.1");
  await withinMs(`connection to AMI port ${login.port}`, ACTION_TIMEOUT_MS, once(socket, "connect"));
  socket.setNoDelay(true);
  socket.unref(); // a forgotten lab does not keep the process; what waits has a timer that does
  const listeners = new Set<EventListener>();
  const pending = new Map<string, (response: AmiMessage | undefined) => void>();
  const decoder = new StringDecoder("utf8");
  let tail = "";

  socket.on("data", (chunk: Buffer) => {
    const messages = (tail + decoder.write(chunk))
      .replace(/^Asterisk Call Manager\/\S+\r\n/, "")
      .split("\r\n\r\n");
    tail = messages.pop() ?? "";
    if (tail.length > MAX_MESSAGE_CHARS) socket.destroy();
    for (const text of messages) deliver(text.replace(/^[\r\n]+/, ""));
  });
  socket.on("error", () => {}); // "close" follows
  socket.on("close", () => {
    for (const answer of pending.values()) answer(undefined);
    pending.clear();
  });

  function deliver(raw: string): void {
    const message = parseMessage(raw);
    if (message.Event !== undefined) {
      for (const listener of [...listeners]) listener(message, raw);
      return;
    }
    const id = message.ActionID ?? "";
    pending.get(id)?.(message);
    pending.delete(id);
  }

  async function request(
    action: string,
    fields: AmiFields = {},
    timeoutMs = ACTION_TIMEOUT_MS,
  ): Promise<AmiMessage> {
    const id = `lab-${randomUUID()}`;
    const answer = new Promise<AmiMessage | undefined>((resolve) => pending.set(id, resolve));
    if (!socket.writable) throw lostConnection(action);
    socket.write(formatAction(action, { ActionID: id, ...fields }));
    try {
      const response = await withinMs(`AMI action ${action}`, timeoutMs, answer);
      if (response === undefined) throw lostConnection(action);
      return response;
    } finally {
      pending.delete(id);
    }
  }

  const ami: LabAmi = {
    request,
    async action(action, fields, timeoutMs) {
      const response = await request(action, fields, timeoutMs);
      if (response.Response === "Error") {
        throw new LabError(`AMI action ${action}: ${response.Message}`, {
          code: "lab-ami-refused",
          hint: "The action's fields, or the state of the channel, are not what Asterisk expects.",
        });
      }
      return response;
    },
    onEvent(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async nextEvent(awaited, fits, timeoutMs = ACTION_TIMEOUT_MS) {
      let stop = () => {};
      const event = new Promise<AmiMessage>((resolve) => {
        stop = ami.onEvent((candidate) => {
          if (fits(candidate)) resolve(candidate);
        });
      });
      try {
        return await withinMs(awaited, timeoutMs, event);
      } finally {
        stop();
      }
    },
    close: () => socket.destroy(),
  };
  try {
    await ami.action("Login", {
      Username: login.user,
      Secret: login.secret,
      Events: login.events ?? "system,call",
    });
    return ami;
  } catch (error) {
    ami.close();
    throw error;
  }
}

function formatAction(action: string, fields: AmiFields): string {
  const lines = [`Action: ${action}`];
  for (const [name, value] of Object.entries(fields)) {
    for (const one of Array.isArray(value) ? value : [value]) lines.push(`${name}: ${one}`);
  }
  // A line break in a value would begin a header, or an action, of its own.
  if (lines.some((line) => /[\r\n]/.test(line))) {
    throw new LabError(`AMI action ${action}: a value holds a line break`, {
      code: "lab-ami-line-break",
      hint: "Remove it.",
    });
  }
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function parseMessage(raw: string): AmiMessage {
  const message: Record<string, string | undefined> = Object.create(null);
  for (const line of raw.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^ /, "");
    const before = message[name];
    message[name] = before === undefined ? value : `${before}\n${value}`;
  }
  return message;
}

function lostConnection(action: string): LabError {
  return new LabError(`AMI action ${action}: the connection is closed`, {
    code: "lab-ami-closed",
    hint: "Asterisk was stopped, or it cut the connection off; its log says why.",
  });
}
