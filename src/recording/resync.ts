// After each connect: asks the PBX what is there, takes over the recordings that go on, and finishes what ended while
// nobody looked. Events that arrive meanwhile wait in line, so that none is applied to half a picture.

import type { CallEvent, SnapshotChannel } from "../core/call-event.ts";
import { concludeCall } from "../core/outcome.ts";
import { closeCall, openCalls } from "../journal/calls.ts";
import type { JournalDb } from "../journal/journal.ts";
import { resultsOfCall, unfinishedRecordings } from "../journal/recordings.ts";
import type { AmiActions } from "../pbx/ami-actions.ts";
import type { Finisher } from "./finisher.ts";
import type { Monitor } from "./monitor.ts";
import type { Perseverance } from "./perseverance.ts";
import type { Recorder } from "./recorder.ts";
import type { RecordingLog } from "./recording-log.ts";

export interface Resync {
  /** Every event of the PBX goes through here. */
  onEvent(event: CallEvent): void;
  /** The connection is lost: what is heard before the next snapshot has to wait for it. */
  onDisconnected(): void;
  /** Call it after each login; resolves when the module knows what the PBX knows. Rejects with the PBX's error. */
  onConnected(): Promise<void>;
  /** Resolves when everything that had ended before is finished and has its outcome. */
  recovered(): Promise<void>;
}

export interface ResyncParts {
  readonly db: JournalDb;
  readonly actions: Pick<AmiActions, "snapshot">;
  readonly monitor: Monitor;
  readonly recorder: Recorder;
  readonly finisher: Finisher;
  readonly perseverance: Perseverance;
  readonly log: RecordingLog;
  readonly now: () => Date;
  readonly pbxId: () => string;
}

/** A PBX with 2,000 calls sends about 220 events a second; the answer takes milliseconds. */
const mostWaiting = 100_000;

export function createResync(parts: ResyncParts): Resync {
  const { db, actions, monitor, recorder, finisher, perseverance, log, now, pbxId } = parts;
  let waiting: CallEvent[] | undefined = [];
  let recovery: Promise<void> = Promise.resolve();

  const adoptRunning = async (channels: readonly SnapshotChannel[]): Promise<void> => {
    const names = new Map(channels.map((channel) => [channel.uniqueid, channel.name]));
    for (const recording of await unfinishedRecordings(db, pbxId())) {
      const name = names.get(recording.channelUniqueid);
      if (name !== undefined && recording.state === "open" && !recorder.holds(recording.id))
        await recorder.adopt(recording, name);
    }
  };

  const finishEnded = async (): Promise<void> => {
    for (const recording of await unfinishedRecordings(db, pbxId()))
      if (!recorder.holds(recording.id)) await finisher.finish(recording, undefined);
    for (const call of await openCalls(db, pbxId())) {
      if (monitor.holds(call.linkedid)) continue;
      const results = await resultsOfCall(db, call.id);
      const outcome = concludeCall({ call: undefined, decisions: [], results });
      await perseverance.until("call closed", () => closeCall(db, call.id, { endedAt: now(), outcome }));
      log.info({ callId: call.id, outcome: outcome.kind }, "call closed that had ended unseen");
    }
  };

  const releaseWaiting = (): void => {
    const events = waiting ?? [];
    waiting = undefined;
    for (const event of events) monitor.apply(event);
  };

  return {
    onEvent(event) {
      if (waiting === undefined) return monitor.apply(event);
      if (waiting.length < mostWaiting) waiting.push(event);
    },
    onDisconnected() {
      waiting ??= [];
    },
    async onConnected() {
      waiting ??= [];
      const snapshot = await actions.snapshot();
      await perseverance.until("recordings looked up", () => adoptRunning(snapshot.channels));
      monitor.apply(snapshot);
      releaseWaiting();
      recovery = recovery.then(finishEnded).catch((error: unknown) => {
        log.warn(
          { error: String(error) },
          "what had ended could not be finished, it is tried at the next connect",
        );
      });
    },
    recovered: () => recovery,
  };
}
