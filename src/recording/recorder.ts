// Brings what Asterisk records to what is wanted, one worker a channel: write the row, start MixMonitor; stop it, wait
// out the gap and append when other people are to be heard, or nobody. At hangup the finisher takes over.

import { setTimeout as sleep } from "node:timers/promises";
import { MitschnittError } from "../core/errors.ts";
import type { RecordingResult } from "../core/outcome.ts";
import { type Reason, reason } from "../core/reason.ts";
import type { Wanted } from "../core/recording-plan.ts";
import { newId } from "../journal/calls.ts";
import type { JournalDb } from "../journal/journal.ts";
import { openRecording, type RecordingOpening } from "../journal/recordings.ts";
import { type AmiActions, mixMonitorIdVariable } from "../pbx/ami-actions.ts";
import type { Spool } from "../spool/spool.ts";
import type { DiskWatch } from "./disk-watch.ts";
import type { Finisher } from "./finisher.ts";
import type { RunningRecording } from "./growth-watch.ts";
import type { RecordingLog } from "./recording-log.ts";

export type Capture =
  /** Nothing was recorded on this channel so far. */
  | { readonly state: "none" }
  | { readonly state: "running"; readonly heard: string; readonly mixMonitorId: string; readonly since: Date }
  | { readonly state: "stopped"; readonly at: number }
  /** The connection broke, so only the PBX knows what became of the last action. */
  | { readonly state: "unknown" }
  | { readonly state: "failed"; readonly reason: Reason };

export interface Recorder {
  /** What is wanted on this channel from now on. Returns at once; a worker follows. */
  want(callId: Promise<string>, wanted: Wanted): void;
  /** There is no conversation on this channel now; one may come again. */
  suspend(channelUniqueid: string): void;
  /** Takes over a recording that was begun before this process: it goes on in Asterisk, whoever is heard there. */
  adopt(recording: RecordingOpening, channelName: string): Promise<void>;
  /** Whether the recording is in this recorder's hands, so that nobody else may finish it. */
  holds(recordingId: string): boolean;
  /** The channel is gone: resolves with what became of its recording, undefined where there was none. */
  finish(channelUniqueid: string, endedAt: Date): Promise<RecordingResult | undefined>;
  captureOf(channelUniqueid: string): Capture | undefined;
  /** What Asterisk is said to record now. */
  running(): readonly RunningRecording[];
  onChange(listener: () => void): void;
}

export interface RecorderParts {
  readonly db: JournalDb;
  readonly spool: Spool;
  readonly actions: Pick<AmiActions, "mixMonitor" | "stopMixMonitor" | "getVar">;
  readonly finisher: Finisher;
  readonly diskWatch: DiskWatch;
  readonly log: RecordingLog;
  readonly now: () => Date;
  readonly pbxId: () => string;
}

interface Worker {
  readonly channelUniqueid: string;
  channelName: string;
  /** Whom to record beside the member; empty for nobody. */
  heard: string;
  capture: Capture;
  recording: RecordingOpening | undefined;
  /** Why the last start failed, while none has succeeded since. */
  failure: Reason | undefined;
  busy: Promise<void> | undefined;
  gone: boolean;
}

/**
 * Asterisk 22 keeps both voices after a restart only if the channel was free of MixMonitors for a moment: 40 to 100 ms
 * were good in ten of ten tries, 0 ms in none of two (asterisk/asterisk#507).
 */
const gapMs = 60;

/** After a restart of the module: whoever it is that is heard, it is taken for whom the next plan wants. */
const unknownPeers = "?";

export function createRecorder(parts: RecorderParts): Recorder {
  const { db, spool, actions, finisher, diskWatch, log, now } = parts;
  const workers = new Map<string, Worker>();
  const listeners = new Set<() => void>();

  const setCapture = (worker: Worker, capture: Capture): void => {
    worker.capture = capture;
    for (const listener of listeners) listener();
  };

  const workerOf = (channelUniqueid: string, channelName: string): Worker => {
    const known = workers.get(channelUniqueid);
    if (known !== undefined) {
      known.channelName = channelName;
      return known;
    }
    const worker: Worker = {
      channelUniqueid,
      channelName,
      heard: "",
      capture: { state: "none" },
      recording: undefined,
      failure: undefined,
      busy: undefined,
      gone: false,
    };
    workers.set(channelUniqueid, worker);
    return worker;
  };

  /** One loop a worker at a time; whoever changes a wish while it runs is seen by its next turn. */
  const settle = (worker: Worker, open: () => Promise<RecordingOpening>): void => {
    worker.busy ??= bring(worker, open).finally(() => {
      worker.busy = undefined;
    });
  };

  const bring = async (worker: Worker, open: () => Promise<RecordingOpening>): Promise<void> => {
    while (!worker.gone) {
      const { capture, heard } = worker;
      if (capture.state === "unknown") await inquire(worker);
      else if (capture.state === "running" && capture.heard !== heard)
        await stop(worker, capture.mixMonitorId);
      else if (capture.state === "none" && heard !== "") await begin(worker, open);
      else if (capture.state === "stopped" && heard !== "") await goOn(worker, capture.at);
      else return;
    }
  };

  const begin = async (worker: Worker, open: () => Promise<RecordingOpening>): Promise<void> => {
    const full = diskWatch.reasonNotToBegin();
    if (full !== undefined) return failed(worker, full);
    try {
      worker.recording ??= await open();
    } catch (error) {
      log.warn({ error: String(error) }, "recording not begun, the journal cannot be written");
      return failed(worker, reason("journal-unwritable"));
    }
    await start(worker, worker.recording, false);
  };

  const goOn = async (worker: Worker, stoppedAt: number): Promise<void> => {
    const leftMs = stoppedAt + gapMs - performance.now();
    if (leftMs > 0) await sleep(leftMs);
    if (worker.heard !== "" && !worker.gone && worker.recording !== undefined)
      await start(worker, worker.recording, true);
  };

  const start = async (worker: Worker, recording: RecordingOpening, append: boolean): Promise<void> => {
    const { heard } = worker;
    try {
      const { mixMonitorId } = await actions.mixMonitor({
        channel: worker.channelName,
        file: spool.openPath(recording.id),
        append,
      });
      worker.failure = undefined;
      setCapture(worker, { state: "running", heard, mixMonitorId, since: now() });
      log.info({ recordingId: recording.id, append }, "recording");
    } catch (error) {
      failed(worker, refusal(error));
    }
  };

  const stop = async (worker: Worker, mixMonitorId: string): Promise<void> => {
    try {
      await actions.stopMixMonitor({ channel: worker.channelName, mixMonitorId });
    } catch (error) {
      // With the channel the recording has ended as well; that the connection is gone was said elsewhere.
      if (codeOf(error) !== "pbx-no-such-channel")
        log.warn({ channel: worker.channelUniqueid, code: codeOf(error) }, "recording could not be stopped");
    }
    setCapture(worker, { state: "stopped", at: performance.now() });
  };

  const failed = (worker: Worker, why: Reason): void => {
    worker.failure = why;
    setCapture(worker, { state: "failed", reason: why });
    log.warn({ channel: worker.channelUniqueid, reason: why.code }, "recording could not be started");
  };

  /** Whether the PBX carried out what it was asked when the connection broke: the channel's variable tells. */
  const inquire = async (worker: Worker): Promise<void> => {
    const mixMonitorId = await actions
      .getVar({ channel: worker.channelName, variable: mixMonitorIdVariable })
      .catch(() => "");
    if (mixMonitorId !== "")
      setCapture(worker, { state: "running", heard: worker.heard, mixMonitorId, since: now() });
    else setCapture(worker, worker.recording === undefined ? { state: "none" } : { state: "stopped", at: 0 });
  };

  const conclude = async (worker: Worker, endedAt: Date): Promise<RecordingResult | undefined> => {
    const { recording, failure } = worker;
    if (recording === undefined) return failure && { state: "failed", reason: failure };
    if (failure !== undefined && (await spool.sizeOf(spool.openPath(recording.id))) === undefined)
      return finisher.fail(recording, failure, endedAt);
    return finisher.finish(recording, endedAt);
  };

  return {
    want(callId, { channel, heard, rule, conversation }) {
      const worker = workerOf(channel.uniqueid, channel.name);
      worker.heard = heard.join();
      if (isUndecided(worker.capture)) worker.capture = { state: "unknown" };
      if (worker.capture.state === "running" && worker.capture.heard === unknownPeers)
        worker.capture = { ...worker.capture, heard: worker.heard };
      settle(worker, async () => {
        const recording: RecordingOpening = {
          id: newId(),
          callId: await callId,
          pbxId: parts.pbxId(),
          ruleId: rule.id,
          ruleName: rule.name,
          memberExtension: conversation.member.extension,
          direction: conversation.direction,
          fromNumber: conversation.from.number,
          toNumber: conversation.to.number,
          channelUniqueid: channel.uniqueid,
          startedAt: now(),
        };
        await openRecording(db, recording);
        return recording;
      });
    },
    suspend(channelUniqueid) {
      const worker = workers.get(channelUniqueid);
      if (worker === undefined) return;
      worker.heard = "";
      settle(worker, () => Promise.reject(new Error("nothing to open")));
    },
    async adopt(recording, channelName) {
      const worker = workerOf(recording.channelUniqueid, channelName);
      worker.recording = recording;
      worker.heard = unknownPeers;
      await inquire(worker);
      log.info({ recordingId: recording.id, capture: worker.capture.state }, "recording taken over");
    },
    holds: (recordingId) => [...workers.values()].some(({ recording }) => recording?.id === recordingId),
    async finish(channelUniqueid, endedAt) {
      const worker = workers.get(channelUniqueid);
      if (worker === undefined) return undefined;
      worker.gone = true;
      await worker.busy;
      const result = await conclude(worker, endedAt);
      workers.delete(channelUniqueid);
      return result;
    },
    running: () =>
      [...workers.values()].flatMap(({ recording, capture }) =>
        recording !== undefined && capture.state === "running"
          ? [{ recordingId: recording.id, since: capture.since }]
          : [],
      ),
    captureOf: (channelUniqueid) => workers.get(channelUniqueid)?.capture,
    onChange: (listener) => {
      listeners.add(listener);
    },
  };
}

const codeOf = (error: unknown): string => (error instanceof MitschnittError ? error.code : String(error));

/** An event that arrives after such a failure means that the PBX can be asked again. */
const isUndecided = (capture: Capture): boolean =>
  capture.state === "failed" && capture.reason.code === "pbx-connection-lost";

function refusal(error: unknown): Reason {
  switch (codeOf(error)) {
    case "pbx-no-such-channel":
      return reason("channel-gone");
    case "pbx-not-connected":
    case "pbx-connection-lost":
    case "pbx-timeout":
    case "pbx-silent":
      return reason("pbx-connection-lost");
    default:
      return reason("pbx-refused", { message: error instanceof Error ? error.message : String(error) });
  }
}
