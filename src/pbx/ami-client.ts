// One AMI connection, from the TCP connect to its end: the only file that knows ami-io, and the one subclass in which
// its defects are repaired. A client lives for one connection, so nothing of a broken one can poison the next;
// connecting again is the duty of ami-connection.
//
// Of ami-io 1.2.1 stay the frame (connect → initSocket → needAuth → auth → splitMessages) and its actions. Replaced are
// the socket (TLS, UTF-8, keep-alive, a greeting in any number of pieces), the splitting and parsing of messages, and
// `send`, which registers an action before it is written. test/pbx/ami-io-defects.test.ts shows what each is for.
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";
import { Action, Client, type Message, SilentLogger } from "ami-io/lib/index.js";
import { PbxError } from "../core/errors.ts";
import type { AmiLimits } from "./ami-limits.ts";
import {
  type AmiAction,
  type AmiEvent,
  formatAction,
  leadingEventName,
  parseMessage,
} from "./ami-message.ts";
import { type AmiSplitter, createAmiSplitter } from "./ami-splitter.ts";
import type { Clock } from "./clock.ts";
import * as failure from "./connection-error.ts";
import { createEventMender, type EventMender, type Tampering } from "./event-mender.ts";
import { startKeepAlive } from "./keep-alive.ts";
import { openSocket, type SocketAddress } from "./open-socket.ts";
import {
  type ActionAnswer,
  createPendingActions,
  type ListAnswer,
  type PendingActions,
} from "./pending-actions.ts";

export interface AmiClientOptions extends SocketAddress {
  readonly user: string;
  readonly secret: string;
  /** Other events are dropped unread. */
  readonly wantedEvents: ReadonlySet<string>;
  readonly limits: AmiLimits;
  readonly clock: Clock;
}

export interface AmiClientHandlers {
  readonly loggedIn: () => void;
  readonly event: (event: AmiEvent) => void;
  readonly tampering: (tampering: Tampering) => void;
  /** Once, at the end. Undefined when it was closed from here. */
  readonly closed: (error: PbxError | undefined) => void;
}

const greetingStart = "Asterisk Call Manager/";
const maxGreetingBytes = 256;
const logoffTimeoutMs = 1_000;

export class AmiClient extends Client {
  readonly #options: AmiClientOptions;
  readonly #handlers: AmiClientHandlers;
  readonly #splitter: AmiSplitter;
  readonly #mender: EventMender;
  readonly #pending: PendingActions;
  #phase: "connecting" | "greeting" | "login" | "ready" | "closed" = "connecting";
  #greeting = Buffer.alloc(0);
  #cancelTimer = () => {};

  constructor(options: AmiClientOptions, handlers: AmiClientHandlers) {
    super({
      host: options.host,
      port: options.port,
      login: options.user,
      password: options.secret,
      encoding: "utf8",
      logger: new SilentLogger(),
    });
    this.#options = options;
    this.#handlers = handlers;
    this.#splitter = createAmiSplitter(options.limits.maxMessageBytes, (bytes, start, end) =>
      this.#takeMessage(bytes, start, end),
    );
    const emit = (text: string) => this.#deliver(text);
    this.#mender = createEventMender({ emit, onTampering: handlers.tampering });
    this.#pending = createPendingActions({
      clock: options.clock,
      idPrefix: `${randomBytes(6).toString("hex")}-`,
      limit: options.limits.maxPendingActions,
    });
  }

  override initSocket(): void {
    const { limits, clock } = this.#options;
    this.#cancelTimer = clock.after(limits.loginTimeoutMs, () => this.#end(this.#loginTimeout()));
    let socket: Socket;
    try {
      socket = openSocket(this.#options, () => {
        if (this.#phase === "connecting") this.#phase = "greeting";
      });
    } catch (error) {
      // A port out of range, a CA that is no PEM. Reported like every other failure: later, never by a throw.
      process.nextTick(() => this.#end(failure.socketError(error, this.#options)));
      return;
    }
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    // Stays for the life of the socket: a reset that arrives after the end is an `error` too.
    socket.on("error", (error) => this.#end(failure.socketError(error, this.#options)));
    socket.on("close", () => this.#end(failure.connectionLost(this.#options)));
  }

  override auth(greeting: string): void {
    this._setVersion(greeting);
    this.#phase = "login";
    const login = new Action.Login(this.#options.user, this.#options.secret);
    // Which events come is decided by the user's read classes in manager.conf alone.
    login.set("Events", "on");
    this.send(login, (error) => {
      if (error === undefined) this.#becomeReady();
      else if (this.#phase === "login") this.#end(this.#loginFailure(error));
    });
  }

  override splitMessages(chunk: Buffer): void {
    if (!this.#splitter.push(chunk)) {
      this.#end(failure.messageTooLong(this.#options, this.#options.limits.maxMessageBytes));
    } else if (this.#splitter.heldBytes === 0) this.#mender.flush();
  }

  /** ami-io's way to send, for its own action objects. `request` is the way for everybody else. */
  override send(message: Message, callback: (error?: unknown, answer?: ActionAnswer) => void): void {
    this.#submit(headersOf(message), this.#options.limits.responseTimeoutMs).then(
      (answer) => callback(undefined, answer),
      (error: unknown) => callback(error),
    );
  }

  override disconnect(): void {
    this.#end(undefined);
  }

  async request(action: AmiAction, list?: ListAnswer): Promise<ActionAnswer> {
    if (this.#phase !== "ready") throw failure.notConnected(this.#options);
    const { responseTimeoutMs, listTimeoutMs } = this.#options.limits;
    return this.#submit(action, list === undefined ? responseTimeoutMs : listTimeoutMs, list);
  }

  /** Says goodbye where that is possible, then closes. */
  async close(): Promise<void> {
    if (this.#phase === "ready") {
      await this.#submit(headersOf(new Action.Logoff()), logoffTimeoutMs).catch(() => undefined);
    }
    this.disconnect();
  }

  async #submit(action: AmiAction, timeoutMs: number, list?: ListAnswer): Promise<ActionAnswer> {
    // Formatted twice, first as a check: a refused action must leave nothing that waits for an answer.
    formatAction(action, "");
    const request = { name: action.Action, timeoutMs, ...(list === undefined ? {} : { list }) };
    const { actionId, answer } = this.#pending.register(request);
    this.socket.write(formatAction(action, actionId));
    return answer;
  }

  #receive(chunk: Buffer): void {
    if (this.#phase === "login" || this.#phase === "ready") {
      this.splitMessages(chunk);
    } else if (this.#phase !== "closed") {
      this.#receiveGreeting(chunk);
    }
  }

  // The greeting is one line, not a message, and may come in pieces or together with what follows.
  #receiveGreeting(chunk: Buffer): void {
    this.#greeting = Buffer.concat([this.#greeting, chunk]);
    const end = this.#greeting.indexOf("\r\n");
    const line = this.#greeting.toString(
      "latin1",
      0,
      end < 0 ? Math.min(this.#greeting.length, maxGreetingBytes) : end,
    );
    const promising = line.startsWith(greetingStart) || greetingStart.startsWith(line);
    if (!promising || (end < 0 && line.length === maxGreetingBytes)) {
      this.#end(failure.notAmi(this.#options, line));
    } else if (end >= 0) {
      const rest = this.#greeting.subarray(end + 2);
      this.#greeting = Buffer.alloc(0);
      this.emit("needAuth", line);
      if (rest.length > 0) this.splitMessages(rest);
    }
  }

  #takeMessage(bytes: Buffer, start: number, end: number): void {
    if (this.#phase === "closed") return;
    const name = leadingEventName(bytes, start, end);
    const isWanted =
      name === undefined || this.#options.wantedEvents.has(name) || this.#pending.listsPending > 0;
    // Decoding message by message is what keeps UTF-8 whole across chunks.
    if (isWanted || this.#mender.isHolding) this.#mender.take(bytes.toString("utf8", start, end), isWanted);
  }

  #deliver(text: string): void {
    if (this.#phase === "closed") return;
    const message = parseMessage(text);
    if (message.kind === "response") this.#pending.takeResponse(message.response);
    if (message.kind !== "event" || this.#pending.takeEvent(message.event)) return;
    if (this.#options.wantedEvents.has(message.event.Event)) this.#handlers.event(message.event);
  }

  #becomeReady(): void {
    if (this.#phase !== "login") return;
    this.#phase = "ready";
    this.connected = true;
    this.#cancelTimer();
    const { clock, limits } = this.#options;
    this.#cancelTimer = startKeepAlive({
      clock,
      everyMs: limits.pingEveryMs,
      ping: () => this.#submit(headersOf(new Action.Ping()), limits.pingTimeoutMs),
      onSilence: () => this.#end(failure.pingUnanswered(this.#options, limits.pingTimeoutMs)),
    });
    this.#handlers.loggedIn();
  }

  #end(error: PbxError | undefined): void {
    if (this.#phase === "closed") return;
    this.#phase = "closed";
    this.connected = false;
    this.#cancelTimer();
    this.#pending.close(failure.notConnected(this.#options));
    this.socket?.destroy();
    this.#handlers.closed(error);
  }

  #loginTimeout(): PbxError {
    const { limits } = this.#options;
    if (this.#phase === "connecting") return failure.notReached(this.#options, limits.loginTimeoutMs);
    if (this.#phase === "greeting") return failure.noGreeting(this.#options, limits.loginTimeoutMs);
    return failure.loginUnanswered(this.#options, limits.loginTimeoutMs);
  }

  #loginFailure(error: unknown): PbxError {
    if (error instanceof PbxError && error.code === "pbx-timeout") return this.#loginTimeout();
    return failure.loginRefused(this.#options, this.#options.user, error);
  }
}

/** The headers of ami-io's action objects, which carry their bookkeeping (`id`, `ActionID`, `variables`) beside them. */
function headersOf(message: Message): AmiAction {
  const headers = Object.entries(message).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string" && entry[0] !== "ActionID",
  );
  return Object.fromEntries(headers) as AmiAction;
}
