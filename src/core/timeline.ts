// What happened in a call, as a person wants to read it: who talked with whom, what was recorded when, and why not
// meanwhile. The sentences stand in locales/ under `timeline.<kind>`.

export type TimelineKind =
  /** {member} talks with {with} from now on. */
  | "talk"
  /** {by} put the conversation of {member} on hold. */
  | "hold"
  /** The conversation of {member} goes on after a hold. */
  | "resume"
  /** {who} was parked. */
  | "parked"
  /** {who} is parked no longer. */
  | "unparked"
  /** {member} left the call. */
  | "left"
  /** Recording {recording} is being written, from {offsetMs} of its audio on. */
  | "recording"
  /** Recording {recording} stands still. */
  | "not-recording"
  /** The audio of {who} began anew without notice; {recording} was taken up again, what he said before may be missing. */
  | "rtp-restarted"
  /** The module, or its connection to the PBX, was away until now. */
  | "unobserved"
  /** The call was merged with call {call}. */
  | "merged"
  /** Recording {recording} was freed: {cutOff}. */
  | "freed";

export interface TimelineEntry {
  readonly at: Date;
  readonly kind: TimelineKind;
  readonly params: Readonly<Record<string, string | number>>;
}
