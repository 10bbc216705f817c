// Errors of the settings' schema, beside the form fields that they are about and in the reader's language.

import type { FieldError } from "../../core/errors.ts";
import type { Words } from "../../words/words.ts";

/** Name of a form's field → sentence. */
export type FieldErrors = Readonly<Record<string, string>>;
/** Name of a form's field → what was typed. */
export type FieldValues = Readonly<Record<string, string>>;

export interface FieldPlace {
  /** Name of the form's field. */
  readonly field: string;
  /** Where its words stand: `settings.pbx.port`. */
  readonly wordsKey: string;
}

/** "Expected: a number from 1 to 65535. Got: abc". */
export function expectation(words: Words, wordsKey: string, got: string): string {
  const expected = words(`${wordsKey}.expected`);
  return got === ""
    ? words("settings.expected", { expected })
    : words("settings.expected-got", { expected, value: shortened(got) });
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

export interface FormProblems {
  readonly errors: FieldErrors;
  /** What is wrong outside this form, in the schema's own words. */
  readonly others: readonly string[];
}

/** `placeOf` says which field a path of the settings belongs to; the first error of a field is the one that is shown. */
export function fieldErrors(
  words: Words,
  found: readonly FieldError[],
  values: FieldValues,
  placeOf: (path: string) => FieldPlace | undefined,
): FormProblems {
  const errors: Record<string, string> = {};
  const others: string[] = [];
  for (const { path, message } of found) {
    const place = placeOf(path);
    if (place === undefined) others.push(`${path}: ${message}`);
    else errors[place.field] ??= expectation(words, place.wordsKey, values[place.field] ?? "");
  }
  return { errors, others };
}
