// Finishes what ended while nobody looked: recordings whose channel is gone, calls without an outcome. Each one by
// itself, so that a file that cannot be finished keeps no other from it.

import { concludeCall } from "../core/outcome.ts";
import { closeCall, openCalls } from "../journal/calls.ts";
import type { JournalDb } from "../journal/journal.ts";
import { resultsOfCall, type UnfinishedRecording, unfinishedRecordings } from "../journal/recordings.ts";
import type { Finisher } from "./finisher.ts";
import type { Monitor } from "./monitor.ts";
import type { Perseverance } from "./perseverance.ts";
import type { Recorder } from "./recorder.ts";
import type { RecordingLog } from "./recording-log.ts";

export interface Recovery {
  /** Call it when it is known which channels there are. */
  begin(): void;
  /** Resolves when no recording of the call is in these hands. */
  doneWith(callId: string): Promise<void>;
  /** Resolves when everything that was found so far is finished and has its outcome. */
  done(): Promise<void>;
}

export interface RecoveryParts {
  readonly db: JournalDb;
  readonly monitor: () => Pick<Monitor, "holds">;
  readonly recorder: Recorder;
  readonly finisher: Finisher;
  readonly perseverance: Perseverance;
  readonly log: RecordingLog;
  readonly now: () => Date;
}

interface OpenCall {
  readonly id: string;
  readonly linkedid: string;
}

export function createRecovery(parts: RecoveryParts): Recovery {
  const { db, monitor, recorder, finisher, perseverance, log, now } = parts;
  /** By the recording's id. */
  const finishing = new Map<string, { readonly callId: string; readonly done: Promise<void> }>();
  /** Calls that nobody watches, while one of their recordings goes on: a transfer has moved its channel to another. */
  const waitingForChannel = new Map<string, OpenCall>();
  let listed: Promise<void> = Promise.resolve();
  let done: Promise<void> = Promise.resolve();

  const putOff = (what: string) => (error: unknown) =>
    log.warn({ error: String(error) }, `${what}, it is tried again at the next connect`);

  const finish = (recording: UnfinishedRecording): void => {
    const { id, callId } = recording;
    if (recorder.holds(id) || finishing.has(id)) return;
    const finished = finisher
      .finish(recording, undefined)
      .then(() => undefined, putOff("a recording could not be finished"))
      .finally(() => finishing.delete(id));
    finishing.set(id, { callId, done: finished });
  };

  const finishAll = async (): Promise<readonly OpenCall[]> => {
    const recordings = await perseverance.until("recordings looked up", () => unfinishedRecordings(db));
    recordings.forEach(finish);
    return perseverance.until("open calls looked up", () => openCalls(db));
  };

  const doneWith = async (callId: string): Promise<void> => {
    await listed;
    await Promise.all([...finishing.values()].flatMap((one) => (one.callId === callId ? [one.done] : [])));
  };

  const close = async (call: OpenCall): Promise<void> => {
    await doneWith(call.id);
    if (monitor().holds(call.linkedid)) return;
    if (recorder.holdsOneOf(call.id)) {
      waitingForChannel.set(call.id, call);
      return;
    }
    await perseverance.until("call closed", async () => {
      const results = await resultsOfCall(db, call.id);
      const outcome = concludeCall({ call: undefined, decisions: [], results });
      await closeCall(db, call.id, { endedAt: now(), outcome });
    });
    log.info({ callId: call.id }, "call closed that had ended unseen");
  };

  const closeAll = async (calls: readonly OpenCall[]): Promise<void> => {
    await Promise.all(calls.map((call) => close(call).catch(putOff("a call could not be closed"))));
  };

  const after = (task: Promise<void>): void => {
    done = Promise.all([done, task]).then(() => undefined);
  };

  recorder.onFinished((callId) => {
    const call = waitingForChannel.get(callId);
    if (call === undefined) return;
    waitingForChannel.delete(callId);
    after(closeAll([call]));
  });

  return {
    begin() {
      const listing = listed.then(finishAll).catch((error: unknown) => {
        putOff("what had ended could not be looked up")(error);
        return [];
      });
      listed = listing.then(() => undefined);
      after(listing.then(closeAll));
    },
    doneWith,
    done: () => done,
  };
}
