// Why a call was recorded or not, as a code with the values that complete its sentence. The sentences stand in
// locales/ under `reason.<code>`, so that page, report and command line use the same words.

export type ReasonCode =
  /** Recorded: {rule}. */
  | "by-rule"
  /** No rule at all is set up. */
  | "no-rule"
  /** Answered, but nobody who took part belongs to a group. */
  | "no-member"
  /** The group's only rule is switched off: {rule}. */
  | "rule-off"
  /** {rule} does not want calls of this {direction}. */
  | "direction-off"
  | "abandoned"
  | "busy"
  | "no-answer"
  | "unreachable"
  /** Nobody was rung: an announcement, a menu, a code. */
  | "nobody-dialled"
  /** The channel was gone before the recording could begin. */
  | "channel-gone"
  /** The PBX refused to record: {message}. */
  | "pbx-refused"
  /** The PBX said yes, but there is no file. */
  | "no-file"
  /** The conversation ended in the moment in which it began. */
  | "too-short"
  /** Somebody held it from its beginning to its end. */
  | "on-hold"
  /** There is a file, but no audio in it. */
  | "no-audio"
  /** {freeMiB} free, {reserveMiB} are kept for the journal. */
  | "disk-full"
  /** The journal could not be written, so nothing was begun. */
  | "journal-unwritable"
  /** The connection to the PBX was down when the recording was due. */
  | "pbx-connection-lost"
  /** The module was not running, or not connected, when the call went on. */
  | "unobserved";

export interface Reason {
  readonly code: ReasonCode;
  readonly params: Readonly<Record<string, string | number>>;
}

export const reason = (code: ReasonCode, params: Reason["params"] = {}): Reason => ({ code, params });
