// Brings what Asterisk records on one channel to what is wanted there: write the row, start MixMonitor; stop it, wait
// out the gap and append when other people are to be heard, or nobody. At hangup the finisher takes over.

import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelInCall } from "../core/call.ts";
import type { CutOff, RecordingResult } from "../core/outcome.ts";
import { type Reason, reason } from "../core/reason.ts";
import type { Wanted } from "../core/recording-plan.ts";
import type { JournalDb } from "../journal/journal.ts";
import { openRecording, type RecordingOpening } from "../journal/recordings.ts";
import { type AmiActions, mixMonitorIdVariable } from "../pbx/ami-actions.ts";
import type { Spool } from "../spool/spool.ts";
import type { CallEntry } from "./call-log.ts";
import { type Capture, codeOf, isLostAnswer, isPassing, isWorthAskingAgain, refusal } from "./capture.ts";
import type { DiskWatch } from "./disk-watch.ts";
import type { Finisher } from "./finisher.ts";
import type { RecordingLog } from "./recording-log.ts";

export interface ChannelRecorderParts {
  readonly db: JournalDb;
  readonly spool: Spool;
  readonly actions: Pick<AmiActions, "mixMonitor" | "stopMixMonitor" | "getVar">;
  readonly finisher: Finisher;
  readonly diskWatch: DiskWatch;
  readonly log: RecordingLog;
  readonly now: () => Date;
}

export type RecordedCall = Pick<CallEntry, "id" | "pbxId">;

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
  /** Ends the recording on a channel that is still there. */
  free(endedAt: Date, cutOff: CutOff): Promise<RecordingResult | undefined>;
  /** Since when there is no conversation on the channel; undefined while there is one, also on hold. Monotonic clock. */
  readonly lonelySinceMs: number | undefined;
  /** Whom to record beside the member, as one text; empty for nobody. */
  readonly heard: string;
  readonly channelName: string;
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
  const { db, spool, actions, finisher, diskWatch, log, now } = parts;
  let channelName = name;
  /** Whom to record beside the member; empty for nobody. */
  let heard = "";
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

  const aim = (nextHeard: string): void => {
    heard = nextHeard;
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
    if (present.state === "running" && present.heard !== heard) return () => stop(present.mixMonitorId);
    if (heard === "") return undefined;
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
    await start(recording, false);
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
    if (heard !== "" && !isGone && recording !== undefined) await start(recording, true);
  };

  const start = async ({ id }: RecordingOpening, append: boolean): Promise<void> => {
    const heardNow = heard;
    try {
      const file = spool.openPath(id);
      const { mixMonitorId } = await actions.mixMonitor({ channel: channelName, file, append });
      failure = undefined;
      setCapture({ state: "running", heard: heardNow, mixMonitorId, sinceMs: performance.now() });
      log.info({ recordingId: id, append }, "recording");
    } catch (error) {
      failed(refusal(error));
      if (isLostAnswer(error)) await waitForAnswers(error);
    }
  };

  const stop = async (mixMonitorId: string): Promise<void> => {
    try {
      await actions.stopMixMonitor({ channel: channelName, mixMonitorId });
    } catch (error) {
      if (isLostAnswer(error)) return waitForAnswers(error);
      // With the channel the recording has ended as well.
      if (codeOf(error) !== "pbx-no-such-channel")
        log.warn({ channel: uniqueid, code: codeOf(error) }, "recording could not be stopped");
    }
    setCapture({ state: "stopped", atMs: performance.now() });
  };

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
    if (recording === undefined) return failure && { state: "failed", reason: failure };
    if (failure !== undefined && (await spool.sizeOf(spool.openPath(recordingId))) === undefined)
      return finisher.fail(recording, failure, endedAt);
    const result = await finisher.finish(recording, endedAt, cutOff);
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
      aim(wanted.heard.join());
    },
    suspend(channel) {
      channelName = channel.name;
      lonelySinceMs ??= performance.now();
      aim("");
    },
    async finish(endedAt) {
      isGone = true;
      await work;
      return conclude(endedAt);
    },
    async free(endedAt, cutOff) {
      isGone = true;
      await work;
      if (capture.state === "running") await stop(capture.mixMonitorId);
      else if (capture.state === "doubtful") await putInOrder();
      return conclude(endedAt, cutOff);
    },
    get lonelySinceMs() {
      return lonelySinceMs;
    },
    get heard() {
      return heard;
    },
    get channelName() {
      return channelName;
    },
  };
}

type RowFacts = Pick<RecordingOpening, "id" | "callId" | "pbxId" | "startedAt">;

const openingOf = ({ channel, rule, conversation }: Wanted, facts: RowFacts): RecordingOpening => ({
  ...facts,
  ruleId: rule.id,
  ruleName: rule.name,
  memberExtension: conversation.member.extension,
  direction: conversation.direction,
  fromNumber: conversation.from.number,
  toNumber: conversation.to.number,
  channelUniqueid: channel.uniqueid,
});
