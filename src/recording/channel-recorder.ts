// Brings what Asterisk records on one channel to what is wanted there: write the row, start MixMonitor; stop it, wait
// out the gap and append when other people are to be heard, or nobody. At hangup the finisher takes over.

import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelInCall } from "../core/call.ts";
import type { CutOff, RecordingResult } from "../core/outcome.ts";
import { type Reason, reason } from "../core/reason.ts";
import { haveSamePeople, type Wanted } from "../core/recording-plan.ts";
import type { TimelineEntry, TimelineKind } from "../core/timeline.ts";
import type { JournalDb } from "../journal/journal.ts";
import { openRecording, type RecordingOpening } from "../journal/recordings.ts";
import type { AmiActions } from "../pbx/ami-actions.ts";
import type { Spool } from "../spool/spool.ts";
import type { CallEntry } from "./call-log.ts";
import type { Capture, RunningCapture } from "./capture.ts";
import type { DiskWatch } from "./disk-watch.ts";
import type { Finisher } from "./finisher.ts";
import { createMixMonitor, gapMs } from "./mix-monitor.ts";
import { fileClosed } from "./open-file.ts";
import type { RecordingLog } from "./recording-log.ts";
import { createRtpStreams } from "./rtp-streams.ts";

export interface ChannelRecorderParts {
  readonly db: JournalDb;
  readonly spool: Spool;
  readonly actions: Pick<AmiActions, "mixMonitor" | "stopMixMonitor" | "getVar" | "heardSsrc">;
  /** Whether this PBX loses a voice when RTP begins anew below a MixMonitor that goes on (see needsRestart). */
  readonly losesRestartedRtp: () => boolean;
  readonly finisher: Finisher;
  readonly diskWatch: DiskWatch;
  readonly log: RecordingLog;
  readonly now: () => Date;
  /** A recording that ended earlier than this may be empty, in milliseconds. */
  readonly mayBeEmptyBelowMs?: number;
}

export type RecordedCall = Pick<CallEntry, "id" | "pbxId" | "tell">;

export interface ChannelRecorder {
  readonly recordingId: string;
  /** The call of the recording, as far as there is a row. */
  readonly callId: string | undefined;
  readonly capture: Capture;
  /** Returns at once; the work follows. */
  want(call: RecordedCall, wanted: Wanted): void;
  /** Nothing is wanted on this channel now; that may change. `isAlone`: whether nobody can be heard there. */
  suspend(channel: ChannelInCall, isAlone: () => boolean): void;
  /** The channel is gone. This or `free` is to be called once. */
  finish(endedAt: Date): Promise<RecordingResult>;
  /** Ends the recording on a channel that is still there; rejects, and leaves it, where the connection is lost meanwhile. */
  free(endedAt: Date, cutOff: CutOff): Promise<RecordingResult>;
  /** Since when there is no conversation on the channel; undefined while there is one, also on hold. Monotonic clock. */
  readonly lonelySinceMs: number | undefined;
  readonly channelName: string;
  /** The PBX hears this stream from that channel. True when it is another than before, and is being healed here. */
  rtpHeard(uniqueid: string, ssrc: number): boolean;
}

export interface RecordedChannel {
  readonly uniqueid: string;
  readonly name: string;
  readonly recordingId: string;
  /** Of a former run of the module. */
  readonly adopted?: RecordingOpening;
  readonly onChange: () => void;
}

/**
 * A Local channel that is optimised away, a bridge that is merged: for less than a millisecond there is nobody to be heard,
 * and then the same people again. To stop for that would cost a gap.
 */
const passingMs = 10;
/** Local channels are optimised away within 50 ms of the answer (measured on 16 and 22). */
const settlingMs = 250;
/** One packet has 20 ms; whoever hung up earlier than this said nothing that could be missing. */
const saidNothingBelowMs = 250;
/** Writing the row takes milliseconds; whoever waited longer waited for the journal. */
const patientWithJournalMs = 1000;

interface Wish {
  readonly call: RecordedCall;
  readonly wanted: Wanted;
}

export function createChannelRecorder(
  parts: ChannelRecorderParts,
  { uniqueid, name, recordingId, adopted, onChange }: RecordedChannel,
): ChannelRecorder {
  const { db, spool, actions, finisher, diskWatch, losesRestartedRtp, log, now } = parts;
  let channelName = name;
  let key = "";
  let wish: Wish | undefined;
  let recording = adopted;
  /** One of the streams that are recorded is another now. */
  let isStale = false;
  let isGone = false;
  /** Somebody could be heard here, if only for a moment. */
  let wasHeard = false;
  let lonelySinceMs: number | undefined;
  let endSoon: NodeJS.Timeout | undefined;
  let isAtWork = false;
  let work: Promise<void> = Promise.resolve();
  const streams = createRtpStreams(actions);
  const monitor = createMixMonitor({
    actions,
    log,
    channelName: () => channelName,
    uniqueid,
    hasFile: () => recording !== undefined,
    isAdopted: adopted !== undefined,
    onChange,
  });

  const aim = (nextKey: string): void => {
    clearTimeout(endSoon);
    endSoon = undefined;
    key = nextKey;
    monitor.encourage();
    if (!isAtWork) work = bring();
  };

  /** One loop at a time. That there is nothing left to do is seen and noted at once, so that no wish falls in between. */
  const bring = async (): Promise<void> => {
    isAtWork = true;
    for (let step = nextStep(); step !== undefined; step = nextStep()) await step();
    isAtWork = false;
  };

  const nextStep = (): (() => Promise<void>) | undefined => {
    const { capture } = monitor;
    if (isGone || monitor.isOutOfReach) return undefined;
    if (capture.state === "doubtful") return monitor.putInOrder;
    if (capture.state === "running" && isStale) return stop;
    if (capture.state === "running" && capture.key !== key) {
      if (key === "" || (losesRestartedRtp() && !isOnlyShorter(capture))) return stop;
      monitor.goOnFor(key);
    }
    if (key === "") return undefined;
    if (capture.state === "none") return begin;
    return capture.state === "stopped" ? () => goOn(capture.atMs) : undefined;
  };

  /**
   * A Local channel that is optimised away right after the answer has carried nothing but the voice that is heard now. Later
   * the PBX may have played something into it, and what comes then begins lower (a beep at the end of a transfer by DTMF).
   */
  const isOnlyShorter = (running: RunningCapture): boolean =>
    haveSamePeople(running.key, key) && performance.now() - running.sinceMs < settlingMs;

  const begin = async (): Promise<void> => {
    const full = diskWatch.reasonNotToBegin();
    if (full !== undefined) return monitor.fail(full);
    try {
      recording ??= await openRow();
    } catch (error) {
      log.warn({ error: String(error) }, "recording not begun, the journal cannot be written");
      return monitor.fail(reason("journal-unwritable"));
    }
    if (isGone) return monitor.fail(reason("channel-gone"));
    // Whoever fell silent meanwhile, as on hold, is not heard.
    if (recording !== undefined && key !== "") await start(recording, undefined);
  };

  /** Undefined where the channel is gone, or nobody is to be heard any more, before the call has a row. */
  const openRow = async (): Promise<RecordingOpening | undefined> => {
    if (wish === undefined) return undefined;
    const { call, wanted } = wish;
    const askedAt = performance.now();
    const callId = await call.id;
    const isOver = isGone || key === "";
    if (isOver && performance.now() - askedAt > patientWithJournalMs)
      throw new Error("the call had no row until the conversation was over");
    if (isOver) return undefined;
    const opening = openingOf(wanted, { id: recordingId, callId, pbxId: call.pbxId, startedAt: now() });
    await openRecording(db, opening);
    return opening;
  };

  const goOn = async (stoppedAtMs: number): Promise<void> => {
    const leftMs = stoppedAtMs + gapMs - performance.now();
    if (leftMs > 0) await sleep(leftMs);
    if (recording === undefined) return;
    const offsetMs = await fileClosed(spool.openPath(recording.id));
    if (key !== "" && !isGone) await start(recording, offsetMs);
  };

  /** Behind what there is already, or at the beginning of a file. */
  const start = async ({ id }: RecordingOpening, offsetMs: number | undefined): Promise<void> => {
    const append = offsetMs !== undefined;
    isStale = false;
    const isAccepted = monitor.start({ file: spool.openPath(id), append, key });
    // Asked at once behind the start, so that whatever changes later is seen as a change.
    if (losesRestartedRtp()) streams.begin([{ uniqueid, name: channelName }, ...(wish?.wanted.heard ?? [])]);
    if (!(await isAccepted)) return;
    tell("recording", { recording: id, offsetMs: offsetMs ?? 0 });
    log.info({ recordingId: id, append }, "recording");
  };

  const stop = async (): Promise<void> => {
    if (await monitor.stop()) tell("not-recording", { recording: recordingId });
  };

  const tell = (kind: TimelineKind, params: TimelineEntry["params"]): void =>
    wish?.call.tell({ at: now(), kind, params });

  const leave = async (): Promise<void> => {
    isGone = true;
    clearTimeout(endSoon);
    streams.end();
    await work;
  };

  const withoutRow = (failure: Reason | undefined): RecordingResult => {
    if (failure !== undefined) return { state: "failed", reason: failure };
    return { state: "nothing", reason: reason(wasHeard ? "too-short" : "on-hold") };
  };

  const conclude = async (endedAt: Date, cutOff?: CutOff): Promise<RecordingResult> => {
    const { failure } = monitor;
    if (recording === undefined) return withoutRow(failure);
    if (failure !== undefined && (await spool.sizeOf(spool.openPath(recordingId))) === undefined)
      return finisher.fail(recording, failure, endedAt);
    const mayBeEmpty =
      adopted === undefined &&
      failure === undefined &&
      monitor.recordedMs() < (parts.mayBeEmptyBelowMs ?? saidNothingBelowMs);
    const result = await finisher.finish(recording, endedAt, { cutOff, mayBeEmpty });
    // What could not be appended is missing, unless it was the end of the channel that forbade it.
    if (failure === undefined || failure.code === "channel-gone") return result;
    return { state: "failed", reason: failure };
  };

  return {
    recordingId,
    get callId() {
      return recording?.callId;
    },
    get capture() {
      return monitor.capture;
    },
    get lonelySinceMs() {
      return lonelySinceMs;
    },
    get channelName() {
      return channelName;
    },
    want(call, wanted) {
      wish = { call, wanted };
      channelName = wanted.channel.name;
      lonelySinceMs = undefined;
      wasHeard ||= wanted.key !== "";
      aim(wanted.key);
    },
    suspend(channel, isAlone) {
      channelName = channel.name;
      lonelySinceMs = channel.isParked ? undefined : (lonelySinceMs ?? performance.now());
      if (channel.isParked || monitor.capture.state !== "running" || !isAlone()) aim("");
      else endSoon ??= setTimeout(() => aim(""), passingMs);
    },
    rtpHeard(whose, ssrc) {
      if (monitor.capture.state !== "running" || !losesRestartedRtp()) return false;
      if (!streams.isAnother(whose, ssrc)) return false;
      isStale = true;
      aim(key);
      return true;
    },
    async finish(endedAt) {
      await leave();
      return conclude(endedAt);
    },
    async free(endedAt, cutOff) {
      await leave();
      await monitor.silence();
      return conclude(endedAt, cutOff);
    },
  };
}

type RowFacts = Pick<RecordingOpening, "id" | "callId" | "pbxId" | "startedAt">;

const openingOf = ({ channel, subject }: Wanted, facts: RowFacts): RecordingOpening => ({
  ...facts,
  ruleId: subject.rule.id,
  ruleName: subject.rule.name,
  memberExtension: subject.memberExtension,
  direction: subject.direction,
  fromNumber: subject.fromNumber,
  toNumber: subject.toNumber,
  channelUniqueid: channel.uniqueid,
});
