// A call's outcome and its reason as a person says them: "not due: rule “Sales” does not record internal calls". The
// same words on the page, in the report and on the command line.

import type { Condition } from "../core/conditions.ts";
import type { OutcomeKind } from "../core/outcome.ts";
import type { Reason } from "../core/reason.ts";
import type { WordParams, Words } from "./words.ts";

/** What the journal keeps of a reason: a code of this or of an older version, and its values. */
export interface StoredReason {
  readonly code: string;
  readonly params: WordParams;
}

/** Reads `reason_code` and `reason_params` of a row; values that are neither string nor number are left out. */
export function storedReason(code: string | null, params: string | null): StoredReason | undefined {
  if (code === null) return undefined;
  return { code, params: params === null ? {} : readParams(params) };
}

function readParams(json: string): WordParams {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value !== "object" || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).filter(([, param]) => typeof param === "string" || typeof param === "number"),
    );
  } catch {
    return {};
  }
}

/** The reason alone, as the second half of a sentence. A code without words is shown as it is. */
export function reasonText(words: Words, reason: Reason | StoredReason): string {
  const key = `reason.${reason.code}`;
  if (!words.has(key)) return reason.code;
  const direction = reason.params.direction;
  const directionKey = `direction.of-calls.${direction}`;
  return words(
    key,
    direction !== undefined && words.has(directionKey)
      ? { ...reason.params, direction: words(directionKey) }
      : reason.params,
  );
}

/** Outcome and reason in one: "declined", "recorded: by rule “Sales”". */
export function outcomeText(
  words: Words,
  kind: OutcomeKind,
  reason: Reason | StoredReason | undefined,
): string {
  const outcome = words(`outcome.${kind}`);
  return reason === undefined
    ? outcome
    : words("outcome.with-reason", { outcome, reason: reasonText(words, reason) });
}

export interface ConditionText {
  readonly message: string;
  readonly hint: string;
  /** The original message with its values, where the translated sentence cannot carry them. */
  readonly detail: string | undefined;
}

/** A condition in the reader's language, where the catalogue knows its code; else in its own words. */
export function conditionText(
  words: Words,
  condition: Pick<Condition, "code" | "message" | "hint">,
): ConditionText {
  const key = `condition.${condition.code}`;
  if (!words.has(`${key}.message`))
    return { message: condition.message, hint: condition.hint, detail: undefined };
  return { message: words(`${key}.message`), hint: words(`${key}.hint`), detail: condition.message };
}
