// Brings what Asterisk records on one channel to what is wanted there: write the row, start MixMonitor; stop it, wait
// out the gap and append when other people are to be heard, or nobody. At hangup the finisher takes over.

import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelInCall } from "../core/call.ts";
import { PbxError } from "../core/errors.ts";
import type { CutOff, RecordingResult } from "../core/outcome.ts";
import { type Reason, reason } from "../core/reason.ts";
import type { Wanted } from "../core/recording-plan.ts";
import type { TimelineEntry, TimelineKind } from "../core/timeline.ts";
import type { JournalDb } from "../journal/journal.ts";
import { openRecording, type RecordingOpening } from "../journal/recordings.ts";
import { type AmiActions, mixMonitorIdVariable } from "../pbx/ami-actions.ts";
import type { Spool } from "../spool/spool.ts";
import type { CallEntry } from "./call-log.ts";
import {
  type Capture,
  codeOf,
  isLostAnswer,
  isPassing,
  isWorthAskingAgain,
  type RunningCapture,
  refusal,
} from "./capture.ts";
import type { DiskWatch } from "./disk-watch.ts";
import type { Finisher } from "./finisher.ts";
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
  /** There is no conversation on this channel now; one may come again. */
  suspend(channel: ChannelInCall): void;
  /** The channel is gone; undefined where nothing was to be recorded. This or `free` is to be called once. */
  finish(endedAt: Date): Promise<RecordingResult | undefined>;
  /** Ends the recording on a channel that is still there; rejects, and leaves it, where the connection is lost meanwhile. */
  free(endedAt: Date, cutOff: CutOff): Promise<RecordingResult | undefined>;
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
 * Asterisk 22 keeps both voices after a restart only if the channel was free of MixMonitors for a moment: 40 to 100 ms
 * were good in ten of ten tries, 0 ms in none of two (asterisk/asterisk#507).
 */
const gapMs = 60;
const askAgainAfterMs = 1000;
/**
 * A Local channel that is optimised away, a bridge that is merged: for less than a millisecond there is nobody to be heard,
 * and then the same people again. To stop for that would cost a gap.
 */
const passingMs = 40;
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
  /** The streams of those who are recorded, as they were when it began. */
  const streams = createRtpStreams();
  /** One of them is another now. */
  let isStale = false;
  let recordedMs = 0;
  let endSoon: NodeJS.Timeout | undefined;
  let wish: Wish | undefined;
  let capture: Capture = adopted === undefined ? { state: "none" } : { state: "doubtful" };
  let recording = adopted;
  /** Why the last start failed, while none has succeeded since. */
  let failure: Reason | undefined;
  /** The connection is lost: it is the events after the next one that go on here. */
  let isOutOfReach = false;
  let isGone = false;
  let lonelySinceMs: number | undefined;
  let isAtWork = false;
  let work: Promise<void> = Promise.resolve();

  const setCapture = (next: Capture): void => {
    capture = next;
    onChange();
  };

  const aim = (nextKey: string): void => {
    clearTimeout(endSoon);
    endSoon = undefined;
    key = nextKey;
    isOutOfReach = false;
    if (capture.state === "failed" && isPassing(capture.reason)) capture = beforeStart();
    if (!isAtWork) work = bring();
  };

  /** One loop at a time. That there is nothing left to do is seen and noted at once, so that no wish falls in between. */
  const bring = async (): Promise<void> => {
    isAtWork = true;
    for (let step = nextStep(); step !== undefined; step = nextStep()) await step();
    isAtWork = false;
  };

  const nextStep = (): (() => Promise<void>) | undefined => {
    const present = capture;
    if (isGone || isOutOfReach) return undefined;
    if (present.state === "doubtful") return putInOrder;
    if (present.state === "running" && isStale) return () => stop(present);
    if (present.state === "running" && present.key !== key) {
      if (key === "" || losesRestartedRtp()) return () => stop(present);
      setCapture({ ...present, key });
    }
    if (key === "") return undefined;
    if (present.state === "none") return begin;
    return present.state === "stopped" ? () => goOn(present.atMs) : undefined;
  };

  const begin = async (): Promise<void> => {
    const full = diskWatch.reasonNotToBegin();
    if (full !== undefined) return failed(full);
    try {
      recording ??= await openRow();
    } catch (error) {
      log.warn({ error: String(error) }, "recording not begun, the journal cannot be written");
      return failed(reason("journal-unwritable"));
    }
    if (recording === undefined || isGone) return failed(reason("channel-gone"));
    await start(recording, undefined);
  };

  /** Undefined where the channel is gone before the call has a row. */
  const openRow = async (): Promise<RecordingOpening | undefined> => {
    if (wish === undefined) return undefined;
    const { call, wanted } = wish;
    const askedAt = performance.now();
    const callId = await call.id;
    if (isGone && performance.now() - askedAt > patientWithJournalMs)
      throw new Error("the call had no row until its channel was gone");
    if (isGone) return undefined;
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
    const keyNow = key;
    isStale = false;
    try {
      const file = spool.openPath(id);
      const accepted = actions.mixMonitor({ channel: channelName, file, append });
      if (losesRestartedRtp()) noteStreams();
      const { mixMonitorId } = await accepted;
      failure = undefined;
      setCapture({ state: "running", key: keyNow, mixMonitorId, sinceMs: performance.now() });
      tell("recording", { recording: id, offsetMs: offsetMs ?? 0 });
      log.info({ recordingId: id, append }, "recording");
    } catch (error) {
      failed(refusal(error));
      if (isLostAnswer(error)) await waitForAnswers(error);
    }
  };

  /** Asked at once behind the start, so that whatever changes later is seen as a change. */
  const noteStreams = (): void => {
    streams.clear();
    for (const { uniqueid: whose, name: heardName } of recordedChannels())
      actions.heardSsrc(heardName).then(
        (ssrc) => streams.note(whose, ssrc),
        () => undefined,
      );
  };

  const recordedChannels = (): readonly Pick<ChannelInCall, "uniqueid" | "name">[] => [
    { uniqueid, name: channelName },
    ...(wish?.wanted.heard ?? []),
  ];

  const stop = async (running: RunningCapture): Promise<void> => {
    try {
      await actions.stopMixMonitor({ channel: channelName, mixMonitorId: running.mixMonitorId });
    } catch (error) {
      if (isLostAnswer(error)) return waitForAnswers(error);
      // With the channel the recording has ended as well.
      if (codeOf(error) !== "pbx-no-such-channel")
        log.warn({ channel: uniqueid, code: codeOf(error) }, "recording could not be stopped");
    }
    recordedMs += performance.now() - running.sinceMs;
    setCapture({ state: "stopped", atMs: performance.now() });
    tell("not-recording", { recording: recordingId });
  };

  const tell = (kind: TimelineKind, params: TimelineEntry["params"]): void =>
    wish?.call.tell({ at: now(), kind, params });

  /**
   * The channel's variable tells that a MixMonitor was started, but not whether it was stopped since, nor who was there
   * to be heard when it began: so it is stopped, whatever it does, and what is wanted is appended.
   */
  const putInOrder = async (): Promise<void> => {
    try {
      const mixMonitorId = await actions.getVar({ channel: channelName, variable: mixMonitorIdVariable });
      if (mixMonitorId === "") return setCapture(beforeStart());
      await actions.stopMixMonitor({ channel: channelName, mixMonitorId });
    } catch (error) {
      // Refused is what had ended already.
      if (isLostAnswer(error)) return waitForAnswers(error);
    }
    setCapture({ state: "stopped", atMs: performance.now() });
  };

  /** A file must not be finished while Asterisk may still write it. */
  const silence = async (): Promise<void> => {
    if (capture.state === "running") await stop(capture);
    isOutOfReach = false;
    while (capture.state === "doubtful" && !isOutOfReach) await putInOrder();
    if (capture.state !== "doubtful") return;
    throw new PbxError(`recording ${recordingId}: the PBX did not say that it stopped`, {
      code: "pbx-connection-lost",
      hint: "It is taken over at the next connect and goes on.",
    });
  };

  const waitForAnswers = async (error: unknown): Promise<void> => {
    setCapture({ state: "doubtful" });
    if (isWorthAskingAgain(error)) await sleep(askAgainAfterMs);
    else isOutOfReach = true;
  };

  const beforeStart = (): Capture =>
    recording === undefined ? { state: "none" } : { state: "stopped", atMs: performance.now() - gapMs };

  const failed = (why: Reason): void => {
    if (failure?.code !== why.code)
      log.warn({ channel: uniqueid, reason: why.code }, "recording could not be started");
    failure = why;
    setCapture({ state: "failed", reason: why });
  };

  const conclude = async (endedAt: Date, cutOff?: CutOff): Promise<RecordingResult | undefined> => {
    if (capture.state === "running") recordedMs += performance.now() - capture.sinceMs;
    if (recording === undefined) return failure && { state: "failed", reason: failure };
    if (failure !== undefined && (await spool.sizeOf(spool.openPath(recordingId))) === undefined)
      return finisher.fail(recording, failure, endedAt);
    const mayBeEmpty =
      adopted === undefined &&
      failure === undefined &&
      recordedMs < (parts.mayBeEmptyBelowMs ?? saidNothingBelowMs);
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
      return capture;
    },
    want(call, wanted) {
      wish = { call, wanted };
      channelName = wanted.channel.name;
      lonelySinceMs = undefined;
      aim(wanted.key);
    },
    suspend(channel) {
      channelName = channel.name;
      lonelySinceMs = channel.isParked ? undefined : (lonelySinceMs ?? performance.now());
      if (channel.isParked) aim("");
      else if (capture.state === "running") endSoon ??= setTimeout(() => aim(""), passingMs);
      else aim("");
    },
    async finish(endedAt) {
      isGone = true;
      clearTimeout(endSoon);
      await work;
      return conclude(endedAt);
    },
    async free(endedAt, cutOff) {
      isGone = true;
      clearTimeout(endSoon);
      await work;
      await silence();
      return conclude(endedAt, cutOff);
    },
    get lonelySinceMs() {
      return lonelySinceMs;
    },
    rtpHeard(whose, ssrc) {
      if (capture.state !== "running" || !losesRestartedRtp()) return false;
      if (!recordedChannels().some((channel) => channel.uniqueid === whose)) return false;
      if (!streams.isAnother(whose, ssrc)) return false;
      isStale = true;
      aim(key);
      return true;
    },
    get channelName() {
      return channelName;
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
