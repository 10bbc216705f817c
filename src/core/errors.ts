// The one family of errors. Whoever catches one decides by `code` and `permanent`, never by the message; the
// message names the value and what was expected, the hint says what the operator can do about it.

export interface ErrorFacts {
  /** Stable, kebab-case, fit for a switch, a log field and a translation key. */
  readonly code: string;
  /** What the operator can do. A sentence in English; pages translate by `code`. */
  readonly hint: string;
  /** True when trying again without a change cannot help. */
  readonly permanent?: boolean;
  readonly cause?: unknown;
}

export abstract class MitschnittError extends Error {
  readonly code: string;
  readonly hint: string;
  readonly permanent: boolean;

  constructor(message: string, facts: ErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = new.target.name;
    this.code = facts.code;
    this.hint = facts.hint;
    this.permanent = facts.permanent ?? false;
  }
}

/** The PBX: connection, login, an action that was refused. */
export class PbxError extends MitschnittError {}

/** The settings file or a form: every bad field is in `fields`, by its path. */
export class SettingsError extends MitschnittError {
  readonly fields: readonly FieldError[];

  constructor(message: string, facts: ErrorFacts & { readonly fields?: readonly FieldError[] }) {
    super(message, facts);
    this.fields = facts.fields ?? [];
  }
}

export interface FieldError {
  /** Dotted path, as in `rules.0.members.2.extension`. */
  readonly path: string;
  /** Names the value and what was expected: `expected 1–65535, got "abc"`. */
  readonly message: string;
}

/** Files of recordings on this machine. */
export class SpoolError extends MitschnittError {}

/** The journal (SQLite). */
export class JournalError extends MitschnittError {}

/** A target that did not take a file; `permanent` ones are put on hold, the others are tried again. */
export class TransferError extends MitschnittError {}

/** Installing into, or taking out of, a PBX's configuration. */
export class InstallError extends MitschnittError {}

/** For the `default` of a switch over a union: the compiler proves that it is never reached. */
export function assertNever(value: never): never {
  throw new Error(`unexpected variant: ${JSON.stringify(value)}`);
}

/** What a person reads when a command fails: the message, and below it what to do. */
export function explain(error: unknown): string {
  if (error instanceof MitschnittError) return `${error.message}\n${error.hint}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
