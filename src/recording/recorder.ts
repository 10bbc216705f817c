// The channels on which something is, or was, to be recorded: a recorder for each, from the first wish to the end of its
// channel, and for each recording that goes on from a former run.

import type { ChannelInCall } from "../core/call.ts";
import type { CutOff, RecordingResult } from "../core/outcome.ts";
import type { Wanted } from "../core/recording-plan.ts";
import { newId } from "../journal/calls.ts";
import type { RecordingOpening } from "../journal/recordings.ts";
import type { Capture } from "./capture.ts";
import {
  type ChannelRecorder,
  type ChannelRecorderParts,
  createChannelRecorder,
  type RecordedCall,
} from "./channel-recorder.ts";
import { createFreedChannels } from "./freed-channels.ts";
import type { RunningRecording } from "./growth-watch.ts";

export interface Recorder {
  /** What is wanted on this channel from now on. Returns at once; the work follows. */
  want(call: RecordedCall, wanted: Wanted): void;
  /** Nothing is wanted on this channel now; that may change. `isAlone`: whether nobody can be heard there. */
  suspend(channel: ChannelInCall, isAlone: () => boolean): void;
  /** Takes over a recording that was begun before this process: it goes on in Asterisk, whoever is heard there. */
  adopt(recording: RecordingOpening, channelName: string): void;
  /** Whether the recording is in this recorder's hands, so that nobody else may finish it. */
  holds(recordingId: string): boolean;
  /** Whether a recording of that call is. */
  holdsOneOf(callId: string): boolean;
  /** The channel is gone: what becomes of its recording; undefined where there is none, or somebody waits for it already. */
  finish(channelUniqueid: string, endedAt: Date): Promise<RecordingResult | undefined> | undefined;
  /**
   * Ends a recording whose channel is still there: stopped, finished, marked as cut off. On that channel nothing is begun
   * again before other people can be heard there, or those who had fallen silent come back. Undefined where it is not in these hands, or is being finished.
   */
  free(recordingId: string, endedAt: Date, cutOff: CutOff): Promise<RecordingResult | undefined> | undefined;
  /** Every recording that is being made, whether Asterisk writes just now or not. */
  survey(): readonly SurveyedRecording[];
  captureOf(channelUniqueid: string): Capture | undefined;
  /**
   * The PBX hears this stream of RTP from that channel; `reach` are the channels on which it can be heard. Returns the
   * recordings that are being healed because of it.
   */
  rtpHeard(uniqueid: string, ssrc: number, reach: Iterable<string>): readonly string[];
  /**
   * The PBX has received up to this sequence number from that channel. Returns the channels on which a frozen peer was given
   * up and has come back: what is wanted there has to be said again.
   */
  rtpReceived(uniqueid: string, sequence: number): readonly string[];
  /** What Asterisk is said to record now. */
  running(): readonly RunningRecording[];
  onChange(listener: () => void): void;
  /** A recording of the call has left the recorder's hands. */
  onFinished(listener: (callId: string) => void): void;
}

/** What a look at one recording shows. Times are readings of the monotonic clock. */
export interface SurveyedRecording {
  readonly recordingId: string;
  /** Undefined before it has a row. */
  readonly callId: string | undefined;
  readonly channelUniqueid: string;
  readonly channelName: string;
  readonly capture: Capture;
  /** Since when there is no conversation on its channel; undefined while there is one, also on hold. */
  readonly lonelySinceMs: number | undefined;
}

export function createRecorder(parts: ChannelRecorderParts): Recorder {
  const atWork = new Map<string, ChannelRecorder>();
  /** By the recording's id: the same channel may be at work again. */
  const finishing = new Map<string, ChannelRecorder>();
  /** By channel: whoever hangs it up waits for the result. */
  const freeing = new Map<string, Promise<RecordingResult | undefined>>();
  /** By channel: who was heard there last. */
  const lastPeople = new Map<string, readonly string[]>();
  const freed = createFreedChannels();
  const changeListeners = new Set<() => void>();
  const finishListeners = new Set<(callId: string) => void>();
  const onChange = (): void => {
    for (const listener of changeListeners) listener();
  };

  const inHand = (): ChannelRecorder[] => [...atWork.values(), ...finishing.values()];

  const letGo = ({ recordingId, callId }: ChannelRecorder): void => {
    finishing.delete(recordingId);
    if (callId !== undefined) for (const listener of finishListeners) listener(callId);
  };

  const freeOn = async (
    channelUniqueid: string,
    recorder: ChannelRecorder,
    endedAt: Date,
    cutOff: CutOff,
  ): Promise<RecordingResult | undefined> => {
    atWork.delete(channelUniqueid);
    finishing.set(recorder.recordingId, recorder);
    freed.add(channelUniqueid, lastPeople.get(channelUniqueid) ?? [], cutOff);
    if (recorder.lonelySinceMs !== undefined) freed.isAlone(channelUniqueid);
    try {
      return await recorder.free(endedAt, cutOff);
    } catch (error) {
      freed.forget(channelUniqueid);
      throw error;
    } finally {
      letGo(recorder);
      freeing.delete(channelUniqueid);
    }
  };

  return {
    want(call, wanted) {
      const { uniqueid, name } = wanted.channel;
      const people = wanted.heard.map((channel) => channel.uniqueid);
      if (people.length > 0) lastPeople.set(uniqueid, people);
      if (freed.rests(uniqueid, people)) return;
      let recorder = atWork.get(uniqueid);
      if (recorder === undefined) {
        recorder = createChannelRecorder(parts, { uniqueid, name, recordingId: newId(), onChange });
        atWork.set(uniqueid, recorder);
      }
      recorder.want(call, wanted);
    },
    suspend(channel, isAlone) {
      freed.isAlone(channel.uniqueid);
      atWork.get(channel.uniqueid)?.suspend(channel, isAlone);
    },
    adopt(recording, name) {
      const { id: recordingId, channelUniqueid: uniqueid } = recording;
      const facts = { uniqueid, name, recordingId, adopted: recording, onChange };
      atWork.set(uniqueid, createChannelRecorder(parts, facts));
      parts.log.info({ recordingId }, "recording taken over");
    },
    holds: (recordingId) => inHand().some((recorder) => recorder.recordingId === recordingId),
    holdsOneOf: (callId) => inHand().some((recorder) => recorder.callId === callId),
    free(recordingId, endedAt, cutOff) {
      for (const [channelUniqueid, recorder] of atWork) {
        if (recorder.recordingId !== recordingId) continue;
        const result = freeOn(channelUniqueid, recorder, endedAt, cutOff);
        freeing.set(channelUniqueid, result);
        return result;
      }
      return undefined;
    },
    survey: () =>
      [...atWork].map(([channelUniqueid, recorder]) => ({
        recordingId: recorder.recordingId,
        callId: recorder.callId,
        channelUniqueid,
        channelName: recorder.channelName,
        capture: recorder.capture,
        lonelySinceMs: recorder.lonelySinceMs,
      })),
    finish(channelUniqueid, endedAt) {
      freed.forget(channelUniqueid);
      lastPeople.delete(channelUniqueid);
      const before = freeing.get(channelUniqueid);
      freeing.delete(channelUniqueid);
      const recorder = atWork.get(channelUniqueid);
      if (recorder === undefined) return before;
      atWork.delete(channelUniqueid);
      finishing.set(recorder.recordingId, recorder);
      const result = recorder.finish(endedAt).finally(() => letGo(recorder));
      return before === undefined ? result : before.then(() => result);
    },
    captureOf: (channelUniqueid) => atWork.get(channelUniqueid)?.capture,
    rtpHeard(uniqueid, ssrc, reach) {
      const healed: string[] = [];
      for (const channel of reach) {
        const recorder = atWork.get(channel);
        if (recorder?.rtpHeard(uniqueid, ssrc)) healed.push(recorder.recordingId);
      }
      return healed;
    },
    rtpReceived: freed.received,
    running: () =>
      [...atWork.values()].flatMap(({ recordingId, capture }) =>
        capture.state === "running" ? [{ recordingId, sinceMs: capture.sinceMs }] : [],
      ),
    onChange: (listener) => {
      changeListeners.add(listener);
    },
    onFinished: (listener) => {
      finishListeners.add(listener);
    },
  };
}
