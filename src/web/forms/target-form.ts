// The form of one delivery target: what it shows, and what it means as settings.

import { randomBytes } from "node:crypto";
import { assertNever } from "../../core/errors.ts";
import type { TargetSettings } from "../../settings/schema.ts";
import type { FieldPlace, FieldValues } from "./field-errors.ts";
import { numberOf, textOf } from "./form-body.ts";

export type TargetKind = TargetSettings["kind"];
export const targetKinds: readonly TargetKind[] = ["folder", "ftp"];
export const isTargetKind = (value: unknown): value is TargetKind =>
  targetKinds.some((kind) => kind === value);

const fieldNames = [
  "name",
  "enabled",
  "schedule",
  "minutes",
  "time",
  "path",
  "host",
  "port",
  "user",
  "security",
  "directory",
] as const;

export const newTargetValues = (kind: TargetKind): FieldValues => ({
  name: "",
  enabled: "on",
  schedule: "at-once",
  minutes: "15",
  time: "20:00",
  ...(kind === "ftp"
    ? { port: "21", security: "explicit", user: "", host: "", directory: "" }
    : { path: "" }),
});

export const targetValues = (target: TargetSettings): FieldValues => ({
  ...newTargetValues(target.kind),
  name: target.name,
  enabled: target.enabled ? "on" : "",
  ...scheduleValues(target.schedule),
  ...kindValues(target),
});

function scheduleValues(schedule: TargetSettings["schedule"]): FieldValues {
  switch (schedule.kind) {
    case "at-once":
      return { schedule: "at-once" };
    case "interval":
      return { schedule: "interval", minutes: String(schedule.minutes) };
    case "daily":
      return { schedule: "daily", time: schedule.time };
    default:
      return assertNever(schedule);
  }
}

function kindValues(target: TargetSettings): FieldValues {
  switch (target.kind) {
    case "folder":
      return { path: target.path };
    case "ftp":
      return {
        host: target.host,
        port: String(target.port),
        user: target.user,
        security: target.security,
        directory: target.directory,
      };
    default:
      return assertNever(target);
  }
}

export const typedTargetValues = (body: unknown): FieldValues =>
  Object.fromEntries(fieldNames.map((name) => [name, textOf(body, name)]));

/** The settings that the form means; unchecked, the schema judges them. */
export function targetFromForm(id: string, kind: TargetKind, body: unknown): Record<string, unknown> {
  const own =
    kind === "folder"
      ? { path: textOf(body, "path") }
      : {
          host: textOf(body, "host"),
          port: numberOf(body, "port"),
          user: textOf(body, "user"),
          security: textOf(body, "security"),
          directory: textOf(body, "directory"),
        };
  return {
    id,
    kind,
    name: textOf(body, "name"),
    enabled: textOf(body, "enabled") !== "",
    schedule: scheduleFromForm(body),
    ...own,
  };
}

function scheduleFromForm(body: unknown): Record<string, unknown> {
  const kind = textOf(body, "schedule");
  if (kind === "interval") return { kind, minutes: numberOf(body, "minutes") };
  if (kind === "daily") return { kind, time: textOf(body, "time") };
  return { kind };
}

/** Errors of the target at `index` beside its fields. */
export const targetPlaceOf =
  (index: number) =>
  (path: string): FieldPlace | undefined => {
    const prefix = `targets.${index}.`;
    if (!path.startsWith(prefix)) return undefined;
    const rest = path.slice(prefix.length);
    if (rest === "schedule.minutes" || rest === "schedule.time") {
      const field = rest.slice("schedule.".length);
      return { field, wordsKey: `settings.targets.${field}` };
    }
    const field = fieldNames.find((name) => rest === name || rest.startsWith(`${name}.`));
    return field === undefined ? undefined : { field, wordsKey: `settings.targets.${field}` };
  };

/**
 * `archive-3f9a2c`: readable, and never the id of a target that was removed, whose jobs the journal still knows.
 */
export function newTargetId(name: string): string {
  const readable = name
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 24);
  return `${readable === "" ? "target" : readable}-${randomBytes(3).toString("hex")}`;
}
