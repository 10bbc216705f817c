// What Asterisk records on one channel as far as the module knows, and what a refusal of it means.

import { MitschnittError } from "../core/errors.ts";
import { type Reason, reason } from "../core/reason.ts";

export interface RunningCapture {
  readonly state: "running";
  /** Of the plan that it was started for. */
  readonly key: string;
  readonly mixMonitorId: string;
  readonly sinceMs: number;
}

/** Times are readings of the monotonic clock. */
export type Capture =
  /** Nothing was recorded on this channel so far. */
  | { readonly state: "none" }
  | RunningCapture
  | { readonly state: "stopped"; readonly atMs: number }
  /** An answer was lost, or another process asked: the PBX has to be put into a known state first. */
  | { readonly state: "doubtful" }
  | { readonly state: "failed"; readonly reason: Reason };

export const codeOf = (error: unknown): string =>
  error instanceof MitschnittError ? error.code : String(error);

const lostAnswers = new Set([
  "pbx-not-connected",
  "pbx-connection-lost",
  "pbx-silent",
  "pbx-timeout",
  "pbx-busy",
]);

/** Whether the PBX may have carried out what it was asked, or can be asked again. */
export const isLostAnswer = (error: unknown): boolean => lostAnswers.has(codeOf(error));

/** The connection is up all the same: nothing else will bring the next try. */
export const isWorthAskingAgain = (error: unknown): boolean =>
  ["pbx-timeout", "pbx-busy"].includes(codeOf(error));

/** A failure that the next event may find gone. */
export const isPassing = ({ code }: Reason): boolean => code === "disk-full" || code === "journal-unwritable";

export function refusal(error: unknown): Reason {
  if (isLostAnswer(error)) return reason("pbx-connection-lost");
  if (codeOf(error) === "pbx-no-such-channel") return reason("channel-gone");
  return reason("pbx-refused", { message: error instanceof Error ? error.message : String(error) });
}
