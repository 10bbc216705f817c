// The lasting connection to one PBX: connects, logs in, and connects again for ever, with growing delays. Everything
// else in Mitschnitt talks to the PBX through this; a listener that fails cannot harm it.
import type { PbxError } from "../core/errors.ts";
import { AmiClient } from "./ami-client.ts";
import { type AmiLimits, defaultLimits } from "./ami-limits.ts";
import type { AmiAction, AmiEvent, AmiResponse } from "./ami-message.ts";
import { createBoundedWarning, type PbxLog } from "./bounded-warning.ts";
import { type Clock, systemClock } from "./clock.ts";
import { notConnected } from "./connection-error.ts";
import type { Tampering } from "./event-mender.ts";
import type { SocketAddress } from "./open-socket.ts";
import type { ListAnswer } from "./pending-actions.ts";
import { reconnectDelayMs } from "./reconnect-delay.ts";

export type AmiState =
  /** `error` and `failedSince`: of the attempts before this one. */
  | { readonly state: "connecting"; readonly error?: PbxError; readonly failedSince?: Date }
  /** `asteriskVersion` is empty where the AMI user may not ask for it. */
  | { readonly state: "connected"; readonly since: Date; readonly asteriskVersion: string }
  | {
      readonly state: "waiting";
      readonly error: PbxError;
      readonly nextTryAt: Date;
      readonly failedSince: Date;
    }
  | { readonly state: "stopped" };

export interface AmiConnection {
  /** Never throws; failures show in the state. */
  start(): void;
  /** Logs off and closes. Pending actions are rejected. */
  stop(): Promise<void>;
  readonly state: AmiState;
  /** Returns the function that takes the listener away. */
  onState(listener: (state: AmiState) => void): () => void;
  /** Events of the wanted names only, never those that answer an action. May begin just before `connected`. */
  onEvent(listener: (event: AmiEvent) => void): () => void;
  /** Rejects with a PbxError: pbx-not-connected, pbx-timeout, pbx-busy, pbx-refused-action, pbx-permission-denied,
   * pbx-no-such-channel, bad-header. */
  send(action: AmiAction): Promise<AmiResponse>;
  /** For actions that are answered by a list of events. Also rejects with pbx-list-too-long. */
  sendList(action: AmiAction, list: ListAnswer): Promise<readonly AmiEvent[]>;
}

export interface AmiConnectionOptions extends SocketAddress {
  readonly user: string;
  readonly secret: string;
  readonly wantedEvents: ReadonlySet<string>;
  /** Somebody outside tried to forge events; see event-form. */
  readonly onTampering?: (tampering: Tampering) => void;
  readonly log: PbxLog;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly limits?: Partial<AmiLimits>;
}

/** A connection that lived shorter than this does not reset the delays: a PBX that drops us at once is no success. */
const stableAfterMs = 10_000;

export function createAmiConnection(options: AmiConnectionOptions): AmiConnection {
  const { host, port, log, clock = systemClock, random = Math.random } = options;
  const clientOptions = { ...options, clock, limits: { ...defaultLimits, ...options.limits } };
  const stateListeners = new Set<(state: AmiState) => void>();
  const eventListeners = new Set<(event: AmiEvent) => void>();
  const warnOfListener = createBoundedWarning({ log, clock, message: "a listener of the PBX failed" });
  const warnOfTampering = createBoundedWarning({
    log,
    clock,
    message: "a number from outside holds line breaks that imitate headers of the PBX",
  });
  let state: AmiState = { state: "stopped" };
  let client: AmiClient | undefined;
  let cancelRetry = () => {};
  let failures = 0;
  let failure: { readonly error: PbxError; readonly failedSince: Date } | undefined;

  function setState(next: AmiState): void {
    state = next;
    for (const listener of [...stateListeners]) guarded(listener, next);
  }

  function guarded<T>(listener: (value: T) => unknown, value: T): void {
    try {
      const result = listener(value);
      if (result instanceof Promise) result.catch((error: unknown) => warnOfListener({ err: error }));
    } catch (error) {
      warnOfListener({ err: error });
    }
  }

  function connect(): void {
    setState({ state: "connecting", ...failure });
    const opened = new AmiClient(clientOptions, {
      loggedIn: () => void becomeConnected(opened),
      event: (event) => {
        for (const listener of eventListeners) guarded(listener, event);
      },
      tampering: (tampering) => {
        warnOfTampering(tampering);
        if (options.onTampering !== undefined) guarded(options.onTampering, tampering);
      },
      closed: (error) => {
        if (client !== opened) return;
        client = undefined;
        if (error !== undefined) waitAfter(error);
      },
    });
    client = opened;
    opened.connect();
  }

  async function becomeConnected(opened: AmiClient): Promise<void> {
    const asteriskVersion = await readVersion(opened);
    if (client !== opened) return;
    const fields = { host, port, asteriskVersion };
    if (failure === undefined) log.info(fields, "connected to the PBX");
    else log.info({ ...fields, failedSince: failure.failedSince }, "connected to the PBX again");
    failure = undefined;
    setState({ state: "connected", since: clock.now(), asteriskVersion });
  }

  function waitAfter(error: PbxError): void {
    const now = clock.now();
    if (state.state === "connected" && now.getTime() - state.since.getTime() >= stableAfterMs) failures = 0;
    failures += 1;
    const delayMs = reconnectDelayMs({
      failures,
      refused: error.code === "pbx-login-refused",
      random: random(),
    });
    const nextTryAt = new Date(now.getTime() + delayMs);
    // One line when it begins to fail, and one when it fails in another way; the attempts between are silent.
    if (failure?.error.code !== error.code) {
      log.warn(
        { host, port, code: error.code, hint: error.hint, err: error, nextTryAt },
        "PBX not connected",
      );
    }
    failure = { error, failedSince: failure?.failedSince ?? now };
    cancelRetry = clock.after(delayMs, connect);
    setState({ state: "waiting", nextTryAt, ...failure });
  }

  return {
    start: () => {
      if (state.state === "stopped") connect();
    },
    stop: async () => {
      cancelRetry();
      const closing = client;
      client = undefined;
      failure = undefined;
      failures = 0;
      setState({ state: "stopped" });
      await closing?.close();
    },
    get state() {
      return state;
    },
    onState: (listener) => {
      stateListeners.add(listener);
      return () => stateListeners.delete(listener);
    },
    onEvent: (listener) => {
      eventListeners.add(listener);
      return () => eventListeners.delete(listener);
    },
    send: async (action) => {
      if (client === undefined) throw notConnected(options);
      return (await client.request(action)).response;
    },
    sendList: async (action, list) => {
      if (client === undefined) throw notConnected(options);
      return (await client.request(action, list)).items;
    },
  };
}

/** Needs `system` or `reporting` among the user's write classes; without it, recording works all the same. */
async function readVersion(client: AmiClient): Promise<string> {
  try {
    return (await client.request({ Action: "CoreSettings" })).response.AsteriskVersion ?? "";
  } catch {
    return "";
  }
}
