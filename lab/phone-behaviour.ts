// What a phone of the world does with a call, and how the world's dialplan is told so: `PHONE_<name>` holds the
// arguments of its subroutine `phone`.

import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { LabError } from "./lab-error.ts";
import { tone } from "./sound/tone.ts";
import { writeWav } from "./sound/wav.ts";

/** What is said, over and over: a tone by its frequency in Hz, or prompts of Asterisk as `demo-congrats`. */
export type Speech = "silence" | `tone${number}` | { readonly prompt: string | readonly string[] };

export type PhoneBehaviour =
  | "busy"
  | "decline"
  | "no-answer"
  | {
      /** From the first ring. */
      readonly answerAfterMs?: number;
      readonly plays?: Speech;
      /** From the answer; without it the phone talks until the other side hangs up, two minutes at most. */
      readonly hangUpAfterMs?: number;
    };

export interface Speaker {
  /** The argument for Playback: files without their extension, joined by `&`; empty for silence. */
  playbackFor(speech: Speech): Promise<string>;
  /** The WAV file of a prompt, 8 kHz, for the prompt finder. */
  promptFile(prompt: string): string;
}

const DEFAULT_ANSWER_AFTER_MS = 300;
const TONE_FILE_MS = 60_000;

export function createSpeaker({ dir, dataDir }: { readonly dir: string; readonly dataDir: string }): Speaker {
  function promptFile(prompt: string): string {
    const file = join(dataDir, "sounds/en", `${prompt}.wav`);
    if (/^[\w/-]+$/.test(prompt) && existsSync(file)) return file;
    throw new LabError(`prompt ${JSON.stringify(prompt)}: no file ${file}`, {
      code: "lab-no-prompt",
      hint: "Use the name of a WAV file in the folder sounds/en of Asterisk, without its extension.",
    });
  }

  async function toneFile(frequencyHz: number): Promise<string> {
    const file = join(dir, `tone${frequencyHz}.wav`);
    if (!existsSync(file)) {
      await mkdir(dir, { recursive: true });
      await writeWav(file, tone(frequencyHz, TONE_FILE_MS));
    }
    return file;
  }

  return {
    promptFile,
    async playbackFor(speech) {
      if (speech === "silence") return "";
      const files =
        typeof speech === "string"
          ? [await toneFile(Number(speech.slice("tone".length)))]
          : [speech.prompt].flat().map(promptFile);
      return files.map((file) => file.slice(0, -".wav".length)).join("&");
    },
  };
}

/** The value of `PHONE_<name>`: what, seconds to the answer, seconds to its hangup, what it plays. */
export async function describeBehaviour(behaviour: PhoneBehaviour, speaker: Speaker): Promise<string> {
  if (typeof behaviour === "string") return behaviour;
  const answerAfter = seconds(behaviour.answerAfterMs ?? DEFAULT_ANSWER_AFTER_MS);
  const playback = await speaker.playbackFor(behaviour.plays ?? "tone1000");
  return ["answer", answerAfter, seconds(behaviour.hangUpAfterMs), playback].join(",");
}

/** As dialplan applications take it; empty for none. */
export function seconds(durationMs: number | undefined): string {
  return durationMs === undefined ? "" : (durationMs / 1000).toFixed(3);
}
