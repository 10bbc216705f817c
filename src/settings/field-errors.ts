// Turns what zod found into sentences that name the value and what was expected, all bad fields at once.

import type { z } from "zod";
import { type FieldError, SettingsError } from "../core/errors.ts";
import { type Settings, settingsSchema } from "./schema.ts";

const shown = (value: unknown): string => {
  if (value === undefined) return "nothing";
  const json = JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
};

const valueAt = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    root,
  );

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${issue.expected === "int" ? "a whole number" : `a value of type ${issue.expected}`}`;
    case "invalid_value":
      return `expected one of ${issue.values.map(String).join(", ")}`;
    case "unrecognized_keys":
      return `expected no other keys than the known ones, got ${issue.keys.map((key) => `"${key}"`).join(", ")}`;
    case "invalid_union":
      return "expected one of the known kinds";
    case "too_small":
      return issue.message.startsWith("expected") ? issue.message : `expected at least ${issue.minimum}`;
    case "too_big":
      return issue.message.startsWith("expected") ? issue.message : `expected at most ${issue.maximum}`;
    default:
      return issue.message;
  }
}

function fieldError(issue: z.core.$ZodIssue, root: unknown): FieldError {
  const expected = expectation(issue);
  const message = expected.includes(", got ")
    ? expected
    : `${expected}, got ${shown(valueAt(root, issue.path))}`;
  return { path: issue.path.map(String).join("."), message };
}

/** Checks a value against the schema; throws a SettingsError (`settings-invalid`) that lists every bad field. */
export function parseSettings(value: unknown, source: string): Settings {
  const result = settingsSchema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => fieldError(issue, value));
  const list = fields.map((field) => `${field.path || "(top level)"}: ${field.message}`).join("; ");
  throw new SettingsError(`${source}: ${list}`, {
    code: "settings-invalid",
    hint: "Correct the named fields, or save the settings page once to replace the file. `mitschnitt settings schema` prints what is allowed.",
    permanent: true,
    fields,
  });
}

/** Text of a settings file → settings. Throws `settings-unreadable` for broken JSON, `settings-invalid` for bad fields. */
export function parseSettingsText(text: string, source: string): Settings {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const detail =
      text.trim() === "" ? "the file is empty" : cause instanceof Error ? cause.message : String(cause);
    throw new SettingsError(`${source}: expected JSON, but ${detail}`, {
      code: "settings-unreadable",
      hint: "Correct the file with an editor, or save the settings page once to replace it.",
      permanent: true,
      cause,
    });
  }
  return parseSettings(value, source);
}
