// After each connect: asks the PBX what is there and takes over the recordings that go on; what ended while nobody
// looked is left to the recovery. Events that arrive meanwhile wait in line, so that none is applied to half a picture.

import { setTimeout as sleep } from "node:timers/promises";
import type { CallEvent, SnapshotChannel } from "../core/call-event.ts";
import type { Conditions } from "../core/conditions.ts";
import { MitschnittError } from "../core/errors.ts";
import type { JournalDb } from "../journal/journal.ts";
import { type UnfinishedRecording, unfinishedRecordings } from "../journal/recordings.ts";
import type { Snapshot } from "../pbx/channel-snapshot.ts";
import type { Monitor } from "./monitor.ts";
import type { Perseverance } from "./perseverance.ts";
import type { Recorder } from "./recorder.ts";
import type { RecordingLog } from "./recording-log.ts";
import type { Recovery } from "./recovery.ts";

export interface Resync {
  /** Every event of the PBX goes through here. */
  onEvent(event: CallEvent): void;
  /** The connection is lost: what is heard before the next snapshot has to wait for it. */
  onDisconnected(): void;
  /** Call it after each login; resolves when the module knows what the PBX knows, or the connection is lost again. */
  onConnected(): Promise<void>;
}

export interface ResyncParts {
  readonly db: JournalDb;
  /** Asks the PBX which channels it has; see pbx/channel-snapshot. */
  readonly snapshot: () => Promise<Snapshot>;
  readonly monitor: Pick<Monitor, "apply" | "follow">;
  readonly recorder: Recorder;
  readonly recovery: Recovery;
  readonly perseverance: Perseverance;
  readonly conditions: Conditions;
  readonly log: RecordingLog;
  readonly now: () => Date;
  readonly mostWaiting?: number;
  readonly askAgainAfterMs?: number;
}

/** A PBX with 2,000 calls sends about 220 events a second; the answer takes milliseconds. */
const mostWaitingEvents = 100_000;
const subject = "pbx-channels";

export function createResync(parts: ResyncParts): Resync {
  const { db, monitor, recorder, recovery, perseverance, conditions, log, now } = parts;
  const { mostWaiting = mostWaitingEvents, askAgainAfterMs = 5000 } = parts;
  let waiting: CallEvent[] | undefined = [];
  let isOverfull = false;
  /** Counts connections: whoever finds another number after a wait has been overtaken. */
  let connection = 0;

  const adoptRunning = (
    unfinished: readonly UnfinishedRecording[],
    channels: readonly SnapshotChannel[],
  ): void => {
    const names = new Map(channels.map((channel) => [channel.uniqueid, channel.name]));
    for (const recording of unfinished) {
      const name = names.get(recording.channelUniqueid);
      if (name === undefined || recording.state !== "open" || recorder.holds(recording.id)) continue;
      recorder.adopt(recording, name);
      monitor.follow(recording, name);
    }
  };

  const releaseWaiting = (): void => {
    const events = waiting ?? [];
    waiting = undefined;
    for (const event of events) monitor.apply(event);
  };

  /** One try. True when there is nothing more to be done on this connection. */
  const lookAround = async (mine: number): Promise<boolean> => {
    // Events that found no place in the line are in the next picture, and with them those that found one.
    if (isOverfull) waiting = [];
    isOverfull = false;
    const snapshot = await parts.snapshot();
    const unfinished = await perseverance.until("recordings looked up", () => unfinishedRecordings(db));
    if (mine !== connection) return true;
    if (isOverfull) return false;
    adoptRunning(unfinished, snapshot.channels);
    monitor.apply(snapshot);
    releaseWaiting();
    conditions.clear(subject);
    recovery.begin();
    return true;
  };

  const tellOf = (error: unknown): void => {
    const message = `the PBX does not tell which channels it has: ${error instanceof Error ? error.message : error}`;
    const hint =
      error instanceof MitschnittError
        ? error.hint
        : "Nothing is recorded until it does. It is asked again every few seconds.";
    conditions.raise(subject, { code: "pbx-channels-unknown", message, hint }, now());
  };

  return {
    onEvent(event) {
      if (waiting === undefined) monitor.apply(event);
      else if (waiting.length < mostWaiting) waiting.push(event);
      else isOverfull = true;
    },
    onDisconnected() {
      connection++;
      waiting ??= [];
      conditions.clear(subject);
    },
    async onConnected() {
      const mine = ++connection;
      waiting ??= [];
      while (mine === connection) {
        try {
          if (await lookAround(mine)) return;
        } catch (error) {
          // A connection that broke meanwhile comes again, and with it the next try.
          if (mine !== connection) return;
          log.warn({ error: String(error) }, "the PBX did not tell what is there");
          tellOf(error);
          await sleep(askAgainAfterMs, undefined, { ref: false });
        }
      }
    },
  };
}
