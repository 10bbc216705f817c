// A call that the world makes to the PBX: originated under an id of ours, so that its end of the line can be watched
// and steered from the first moment.

import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { LabAmi } from "./ami.ts";
import { withinMs } from "./deadline.ts";
import { type Speaker, type Speech, seconds } from "./phone-behaviour.ts";

export type PhoneName = "alice" | "bob" | "carol" | "dave";
export type Party = PhoneName | "trunk";

export interface CallOptions {
  readonly from: Party;
  /** What is dialled. */
  readonly to: string;
  /** Of who calls in by the trunk; phones have the PBX's own. */
  readonly callerNumber?: string;
  readonly callerName?: string;
  readonly plays?: Speech;
  /** From the answer; without it the other side has to, within two minutes. */
  readonly hangUpAfterMs?: number;
  /** From dialling: gives up when nobody has answered by then. */
  readonly abandonAfterMs?: number;
}

export interface LabCall {
  /** Uniqueid of the caller's channel in the world; the PBX has its own. */
  readonly id: string;
  /** True once the PBX answers, false when the call ends without that. */
  answered(timeoutMs?: number): Promise<boolean>;
  /** `cause`: Q.850, 16 normal, 17 busy, 19 no answer. */
  ended(timeoutMs?: number): Promise<{ readonly answered: boolean; readonly cause: number }>;
  hangUp(): Promise<void>;
  press(digits: string): Promise<void>;
}

const RING_TIMEOUT_MS = 60_000;
const DIGIT_MS = 100;
const CHANNEL_UP = "6";

export async function placeCall(ami: LabAmi, speaker: Speaker, options: CallOptions): Promise<LabCall> {
  const id = `lab-${randomUUID()}`;
  let channel = "";
  let isAnswered = false;
  let noteAnswer: (answered: boolean) => void = () => {};
  let noteEnd: (cause: number) => void = () => {};
  const answer = new Promise<boolean>((resolve) => {
    noteAnswer = resolve;
  });
  const end = new Promise<number>((resolve) => {
    noteEnd = resolve;
  });
  const stopListening = ami.onEvent((event) => {
    if (event.Uniqueid !== id) return;
    if (event.Event === "Newstate" && event.ChannelState === CHANNEL_UP) {
      isAnswered = true;
      noteAnswer(true);
    }
    if (event.Event === "Hangup") {
      stopListening();
      noteAnswer(isAnswered);
      noteEnd(Number(event.Cause));
    }
  });

  const created = ami.nextEvent(
    `channel of the call to ${options.to}`,
    (event) => event.Event === "Newchannel" && event.Uniqueid === id,
  );
  const [newChannel] = await Promise.all([
    created,
    ami.action("Originate", {
      Channel: `PJSIP/${options.to}@as-${options.from}`,
      ChannelId: id,
      Context: "caller",
      Exten: "s",
      Priority: 1,
      CallerID: callerId(options),
      Timeout: options.abandonAfterMs ?? RING_TIMEOUT_MS,
      Async: "true",
      Variable: [
        `PLAYS=${await speaker.playbackFor(options.plays ?? "tone440")}`,
        `HANGUP_AFTER=${seconds(options.hangUpAfterMs)}`,
      ],
    }),
  ]);
  channel = newChannel.Channel ?? "";

  return {
    id,
    answered: (timeoutMs = 20_000) => withinMs(`answer of the call to ${options.to}`, timeoutMs, answer),
    async ended(timeoutMs = 60_000) {
      const cause = await withinMs(`end of the call to ${options.to}`, timeoutMs, end);
      return { answered: isAnswered, cause };
    },
    async hangUp() {
      // Refused where the channel has just ended by itself.
      await ami.request("Hangup", { Channel: channel, Cause: 16 });
      await withinMs(`end of the call to ${options.to}`, 5_000, end);
    },
    press: (digits) => pressDigits(ami, channel, digits),
  };
}

/** Digits go out beside what the channel plays; Asterisk answers when the tone is over. */
export async function pressDigits(ami: LabAmi, channel: string, digits: string): Promise<void> {
  for (const digit of digits) {
    await ami.action("PlayDTMF", { Channel: channel, Digit: digit, Duration: DIGIT_MS });
    await delay(DIGIT_MS); // two digits without a pause between them are one
  }
}

function callerId({ from, callerNumber = "0301234567", callerName = "Extern" }: CallOptions): string {
  if (from !== "trunk") return `<${from}>`;
  return `"${callerName.replace(/["\\]/g, "\\$&")}" <${callerNumber}>`;
}
