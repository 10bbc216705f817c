// Saves a form into the settings: checked as a whole, secrets written before whoever listens is told, or else every
// error beside its field.

import { SettingsError } from "../../core/errors.ts";
import { parseSettings } from "../../settings/field-errors.ts";
import type { Settings } from "../../settings/schema.ts";
import type { Words } from "../../words/words.ts";
import type { WebServices } from "../services.ts";
import { type FieldPlace, type FieldValues, type FormProblems, fieldErrors } from "./field-errors.ts";

export interface SettingsChange {
  /** The settings as they shall be, not yet checked. */
  readonly settings: unknown;
  readonly values: FieldValues;
  readonly placeOf: (path: string) => FieldPlace | undefined;
  /** A password to be kept; undefined leaves what is there. */
  readonly secret?: { readonly name: string; readonly value: string } | undefined;
  readonly changedBy: string;
}

export type SaveResult =
  | { readonly saved: true; readonly settings: Settings }
  | { readonly saved: false; readonly problems: FormProblems };

export async function saveSettings(
  services: Pick<WebServices, "settings" | "secrets">,
  words: Words,
  change: SettingsChange,
): Promise<SaveResult> {
  try {
    parseSettings(change.settings, "form");
    if (change.secret !== undefined) await services.secrets.set(change.secret.name, change.secret.value);
    return { saved: true, settings: await services.settings.save(change.settings, change.changedBy) };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    if (error.fields.length === 0) return notWritten(words);
    return {
      saved: false,
      problems: fieldErrors(words, error.fields, change.values, change.placeOf),
    };
  }
}

const notWritten = (words: Words): SaveResult => ({
  saved: false,
  problems: { errors: {}, others: [words("settings.not-written")] },
});

/** A password as typed: empty keeps the old one; line breaks and the like have no place in any protocol. */
export const isUsableSecret = (secret: string): boolean =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  secret.length <= 200 && !/[\u0000-\u001f\u007f]/.test(secret);
