// The actions that were sent and not yet answered. Each gets an ActionID that nobody else can guess, is registered
// before it is written, and is settled exactly once: by its answer, by its timeout, or by the end of the connection.
import { PbxError } from "../core/errors.ts";
import type { AmiEvent, AmiResponse } from "./ami-message.ts";
import type { Clock } from "./clock.ts";

/** The events by which Asterisk answers a list action, as `CoreShowChannel` and `CoreShowChannelsComplete`. */
export interface ListAnswer {
  readonly item: string;
  readonly complete: string;
  /** More items than this are an error. */
  readonly limit: number;
}

export interface ActionAnswer {
  readonly response: AmiResponse;
  /** Empty but for list actions. */
  readonly items: readonly AmiEvent[];
}

export interface PendingActions {
  register(request: { name: string; timeoutMs: number; list?: ListAnswer }): {
    readonly actionId: string;
    readonly answer: Promise<ActionAnswer>;
  };
  takeResponse(response: AmiResponse): void;
  /** True when the event belongs to an action of ours, answered or not: it is nobody else's business. */
  takeEvent(event: AmiEvent): boolean;
  /** Settles them all, and refuses new ones. */
  close(error: PbxError): void;
  readonly listsPending: number;
}

interface Pending {
  readonly name: string;
  readonly list: ListAnswer | undefined;
  readonly items: AmiEvent[];
  response: AmiResponse | undefined;
  settle(outcome: ActionAnswer | PbxError): void;
}

// A timer that fires later than this tells that this process was held up itself (suspended, busy): the answer may be
// waiting in the socket, so it gets one short respite.
const lateTimerMs = 500;
const respiteMs = 1_000;

export function createPendingActions({
  clock,
  idPrefix,
  limit,
}: {
  clock: Clock;
  idPrefix: string;
  limit: number;
}): PendingActions {
  const pending = new Map<string, Pending>();
  let lastNumber = 0;
  let listsPending = 0;
  let closedBy: PbxError | undefined;

  function startTimeout(name: string, timeoutMs: number, fail: (error: PbxError) => void): () => void {
    const dueMs = clock.now().getTime() + timeoutMs;
    const timedOut = () => fail(timeout(name, timeoutMs));
    let cancel = clock.after(timeoutMs, () => {
      if (clock.now().getTime() - dueMs > lateTimerMs) cancel = clock.after(respiteMs, timedOut);
      else timedOut();
    });
    return () => cancel();
  }

  return {
    register: ({ name, timeoutMs, list }) => {
      if (closedBy !== undefined) throw closedBy;
      if (pending.size >= limit) throw tooMany(name, limit);
      lastNumber += 1;
      const actionId = `${idPrefix}${lastNumber}`;
      const answer = new Promise<ActionAnswer>((resolve, reject) => {
        const cancelTimeout = startTimeout(name, timeoutMs, (error) => entry.settle(error));
        const entry: Pending = {
          name,
          list,
          items: [],
          response: undefined,
          settle: (outcome) => {
            cancelTimeout();
            if (pending.delete(actionId) && list !== undefined) listsPending -= 1;
            if (outcome instanceof PbxError) reject(outcome);
            else resolve(outcome);
          },
        };
        pending.set(actionId, entry);
        if (list !== undefined) listsPending += 1;
      });
      return { actionId, answer };
    },

    takeResponse: (response) => {
      const entry = pending.get(response.ActionID ?? "");
      if (entry === undefined) return;
      if (/^error$/i.test(response.Response)) entry.settle(refusal(entry.name, response.Message ?? ""));
      else if (entry.list === undefined) entry.settle({ response, items: [] });
      else entry.response = response;
    },

    takeEvent: (event) => {
      const actionId = event.ActionID;
      if (actionId === undefined || !actionId.startsWith(idPrefix)) return false;
      const entry = pending.get(actionId);
      if (entry?.list === undefined) return true;
      if (event.Event === entry.list.complete && entry.response !== undefined) {
        entry.settle({ response: entry.response, items: entry.items });
      } else if (event.Event === entry.list.item) {
        entry.items.push(event);
        if (entry.items.length > entry.list.limit) entry.settle(listTooLong(entry.name, entry.list.limit));
      }
      return true;
    },

    close: (error) => {
      closedBy = error;
      for (const entry of [...pending.values()]) entry.settle(error);
    },

    get listsPending() {
      return listsPending;
    },
  };
}

function timeout(name: string, timeoutMs: number): PbxError {
  return new PbxError(`${name}: no answer within ${timeoutMs} ms`, {
    code: "pbx-timeout",
    hint: "The PBX is overloaded or hangs. Look at its load and at `core show taskprocessors`.",
  });
}

function tooMany(name: string, limit: number): PbxError {
  return new PbxError(`${name}: ${limit} actions are waiting for an answer already`, {
    code: "pbx-busy",
    hint: "The PBX answers too slowly. Look at its load.",
  });
}

function listTooLong(name: string, limit: number): PbxError {
  return new PbxError(`${name}: expected at most ${limit} items in the answer`, {
    code: "pbx-list-too-long",
    hint: "The PBX reports more than Mitschnitt was made for. Restart the PBX if it leaks channels.",
  });
}

// Asterisk has no error codes in AMI: its words are told apart here, once, and become codes.
function refusal(name: string, message: string): PbxError {
  const text = `${name}: refused by the PBX: ${message || "without a reason"}`;
  if (/permission denied/i.test(message)) {
    return new PbxError(text, {
      code: "pbx-permission-denied",
      hint: "Give the AMI user of Mitschnitt in manager.conf read=system,call,dtmf,user,agi and write=system,call,reporting.",
      permanent: true,
    });
  }
  if (/no such channel|channel (does not exist|not specified)/i.test(message)) {
    return new PbxError(text, {
      code: "pbx-no-such-channel",
      hint: "The call has ended in the meantime. Nothing needs to be done.",
      permanent: true,
    });
  }
  return new PbxError(text, {
    code: "pbx-refused-action",
    hint: "Look into the log of the PBX at this time; a module may be missing (`module show like mixmonitor`).",
  });
}
