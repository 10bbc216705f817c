// The fields of the general settings that say when stuck recordings are freed.

import { assertNever } from "../../core/errors.ts";
import type { Settings } from "../../settings/schema.ts";
import type { FieldPlace, FieldValues } from "./field-errors.ts";
import { numberOf, textOf } from "./form-body.ts";

type CleanupSettings = Settings["storage"]["cleanup"];

export const cleanupSchedules: readonly CleanupSettings["schedule"]["kind"][] = ["off", "interval", "daily"];

export const cleanupValues = ({ schedule, stuckAfterMinutes }: CleanupSettings): FieldValues => ({
  cleanupMinutes: "60",
  cleanupTime: "03:00",
  ...scheduleValues(schedule),
  stuckAfter: String(stuckAfterMinutes),
});

function scheduleValues(schedule: CleanupSettings["schedule"]): FieldValues {
  switch (schedule.kind) {
    case "off":
      return { cleanupSchedule: "off" };
    case "interval":
      return { cleanupSchedule: "interval", cleanupMinutes: String(schedule.minutes) };
    case "daily":
      return { cleanupSchedule: "daily", cleanupTime: schedule.time };
    default:
      return assertNever(schedule);
  }
}

export const typedCleanupValues = (body: unknown): FieldValues => ({
  cleanupSchedule: textOf(body, "cleanupSchedule"),
  cleanupMinutes: textOf(body, "cleanupMinutes"),
  cleanupTime: textOf(body, "cleanupTime"),
  stuckAfter: textOf(body, "stuckAfter"),
});

/** The settings that the form means; unchecked, the schema judges them. A page of an older version has no such fields. */
export const cleanupFromForm = (body: unknown, before: CleanupSettings): Record<string, unknown> =>
  textOf(body, "cleanupSchedule") === ""
    ? before
    : {
        stuckAfterMinutes: decimalOf(textOf(body, "stuckAfter")),
        schedule: scheduleFromForm(body),
      };

function scheduleFromForm(body: unknown): Record<string, unknown> {
  const kind = textOf(body, "cleanupSchedule");
  if (kind === "interval") return { kind, minutes: numberOf(body, "cleanupMinutes") };
  if (kind === "daily") return { kind, time: textOf(body, "cleanupTime") };
  return { kind };
}

/** `2.5` or, as Germans write it, `2,5`; any other text stays a text, so that the schema can say what it got. */
const decimalOf = (text: string): number | string =>
  /^\d{1,5}([.,]\d{1,3})?$/.test(text) ? Number(text.replace(",", ".")) : text;

export const cleanupPlaces: Readonly<Record<string, FieldPlace>> = {
  "storage.cleanup.stuckAfterMinutes": { field: "stuckAfter", wordsKey: "settings.general.stuck-after" },
  "storage.cleanup.schedule.kind": {
    field: "cleanupSchedule",
    wordsKey: "settings.general.cleanup-schedule",
  },
  "storage.cleanup.schedule.minutes": {
    field: "cleanupMinutes",
    wordsKey: "settings.general.cleanup-minutes",
  },
  "storage.cleanup.schedule.time": { field: "cleanupTime", wordsKey: "settings.general.cleanup-time" },
};
