// One MixMonitor on one channel: starts it, stops it, and knows what Asterisk records there as far as that can be known.
// What is wanted there is the channel recorder's business.

import { setTimeout as sleep } from "node:timers/promises";
import { PbxError } from "../core/errors.ts";
import type { Reason } from "../core/reason.ts";
import { type AmiActions, mixMonitorIdVariable } from "../pbx/ami-actions.ts";
import { type Capture, codeOf, isLostAnswer, isPassing, isWorthAskingAgain, refusal } from "./capture.ts";
import type { RecordingLog } from "./recording-log.ts";

export interface MixMonitor {
  readonly capture: Capture;
  /** Why the last start failed, while none has succeeded since. */
  readonly failure: Reason | undefined;
  /** The connection is lost: it is the events after the next one that go on here. */
  readonly isOutOfReach: boolean;
  /** How long it ran, all parts together. */
  recordedMs(): number;
  /** True when Asterisk has accepted it. `key` is that of the plan it is started for. */
  start(part: { readonly file: string; readonly append: boolean; readonly key: string }): Promise<boolean>;
  /** Goes on as it is, for another plan. */
  goOnFor(key: string): void;
  /** True when it ran and does not any more. */
  stop(): Promise<boolean>;
  /** Brings a channel of which nothing is known into a known state: whatever runs there is stopped. */
  putInOrder(): Promise<void>;
  /** Stops whatever may run; throws PbxError `pbx-connection-lost` where nobody says that it does not. */
  silence(): Promise<void>;
  /** It cannot be started. */
  fail(why: Reason): void;
  /** There is a reason to try again. */
  encourage(): void;
}

export interface MixMonitorParts {
  readonly actions: Pick<AmiActions, "mixMonitor" | "stopMixMonitor" | "getVar">;
  readonly log: RecordingLog;
  /** As it is called now; a name can change. */
  readonly channelName: () => string;
  readonly uniqueid: string;
  /** Whether there is a file to append to. */
  readonly hasFile: () => boolean;
  /** Of a former run of the module: nobody knows what it does. */
  readonly isAdopted: boolean;
  readonly onChange: () => void;
}

/**
 * Asterisk 22 keeps both voices after a restart only if the channel was free of MixMonitors for a moment: 40 to 100 ms
 * were good in ten of ten tries, 0 ms in none of two (asterisk/asterisk#507).
 */
export const gapMs = 60;
const askAgainAfterMs = 1000;

export function createMixMonitor(parts: MixMonitorParts): MixMonitor {
  const { actions, log, channelName, uniqueid, hasFile, onChange } = parts;
  let capture: Capture = parts.isAdopted ? { state: "doubtful" } : { state: "none" };
  let failure: Reason | undefined;
  let isOutOfReach = false;
  let endedPartsMs = 0;

  const setCapture = (next: Capture): void => {
    if (capture.state === "running" && next.state !== "running")
      endedPartsMs += performance.now() - capture.sinceMs;
    capture = next;
    onChange();
  };

  const beforeStart = (): Capture =>
    hasFile() ? { state: "stopped", atMs: performance.now() - gapMs } : { state: "none" };

  const waitForAnswers = async (error: unknown): Promise<void> => {
    setCapture({ state: "doubtful" });
    if (isWorthAskingAgain(error)) await sleep(askAgainAfterMs);
    else isOutOfReach = true;
  };

  const fail = (why: Reason): void => {
    if (failure?.code !== why.code)
      log.warn({ channel: uniqueid, reason: why.code }, "recording could not be started");
    failure = why;
    setCapture({ state: "failed", reason: why });
  };

  const stop = async (): Promise<boolean> => {
    if (capture.state !== "running") return false;
    const { mixMonitorId } = capture;
    try {
      await actions.stopMixMonitor({ channel: channelName(), mixMonitorId });
    } catch (error) {
      if (isLostAnswer(error)) {
        await waitForAnswers(error);
        return false;
      }
      // With the channel the recording has ended as well.
      if (codeOf(error) !== "pbx-no-such-channel")
        log.warn({ channel: uniqueid, code: codeOf(error) }, "recording could not be stopped");
    }
    setCapture({ state: "stopped", atMs: performance.now() });
    return true;
  };

  /**
   * The channel's variable tells that a MixMonitor was started, but not whether it was stopped since, nor who was there
   * to be heard when it began: so it is stopped, whatever it does, and what is wanted is appended.
   */
  const putInOrder = async (): Promise<void> => {
    try {
      const variable = { channel: channelName(), variable: mixMonitorIdVariable };
      const mixMonitorId = await actions.getVar(variable);
      if (mixMonitorId === "") {
        setCapture(beforeStart());
        return;
      }
      await actions.stopMixMonitor({ channel: channelName(), mixMonitorId });
    } catch (error) {
      // Refused is what had ended already.
      if (isLostAnswer(error)) {
        await waitForAnswers(error);
        return;
      }
    }
    setCapture({ state: "stopped", atMs: performance.now() });
  };

  return {
    get capture() {
      return capture;
    },
    get failure() {
      return failure;
    },
    get isOutOfReach() {
      return isOutOfReach;
    },
    recordedMs: () => endedPartsMs + (capture.state === "running" ? performance.now() - capture.sinceMs : 0),
    async start({ file, append, key }) {
      try {
        const { mixMonitorId } = await actions.mixMonitor({ channel: channelName(), file, append });
        failure = undefined;
        setCapture({ state: "running", key, mixMonitorId, sinceMs: performance.now() });
        return true;
      } catch (error) {
        fail(refusal(error));
        if (isLostAnswer(error)) await waitForAnswers(error);
        return false;
      }
    },
    goOnFor(key) {
      if (capture.state === "running") setCapture({ ...capture, key });
    },
    stop,
    putInOrder,
    async silence() {
      await stop();
      isOutOfReach = false;
      while (capture.state === "doubtful" && !isOutOfReach) await putInOrder();
      if (capture.state !== "doubtful") return;
      throw new PbxError(`${channelName()}: the PBX did not say that the recording stopped`, {
        code: "pbx-connection-lost",
        hint: "It is taken over at the next connect and goes on.",
      });
    },
    fail,
    encourage() {
      isOutOfReach = false;
      if (capture.state === "failed" && isPassing(capture.reason)) capture = beforeStart();
    },
  };
}
