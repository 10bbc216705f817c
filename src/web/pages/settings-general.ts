// Settings: language, time zone, how the report is separated, and when stuck recordings are cleaned up.

import type { Request, Response } from "express";
import type { Settings } from "../../settings/schema.ts";
import { languages } from "../../words/words.ts";
import {
  cleanupFromForm,
  cleanupPlaces,
  cleanupSchedules,
  cleanupValues,
  typedCleanupValues,
} from "../forms/cleanup-form.ts";
import type { FieldPlace, FieldValues, FormProblems } from "../forms/field-errors.ts";
import { textOf } from "../forms/form-body.ts";
import { saveSettings } from "../forms/save-settings.ts";
import type { PageContext } from "../page.ts";
import { noProblems, showSettings } from "./settings-frame.ts";

const separators = [
  { value: ";", name: "semicolon" },
  { value: ",", name: "comma" },
  { value: "tab", name: "tab" },
] as const;

const timeZones = Intl.supportedValuesOf("timeZone");

const valuesOf = ({ language, timeZone, report, storage }: Settings): FieldValues => ({
  language,
  timeZone,
  separator: report.separator,
  ...cleanupValues(storage.cleanup),
});

const typedValues = (body: unknown): FieldValues => ({
  language: textOf(body, "language"),
  timeZone: textOf(body, "timeZone"),
  separator: textOf(body, "separator"),
  ...typedCleanupValues(body),
});

const places: Readonly<Record<string, FieldPlace>> = {
  language: { field: "language", wordsKey: "settings.general.language" },
  timeZone: { field: "timeZone", wordsKey: "settings.general.time-zone" },
  "report.separator": { field: "separator", wordsKey: "settings.general.separator" },
  ...cleanupPlaces,
};

export function generalSettingsPage(context: PageContext): void {
  const { app, services } = context;

  const show = (req: Request, res: Response, values: FieldValues, problems: FormProblems): Promise<void> =>
    showSettings(context, req, res, {
      tab: "general",
      view: "settings/general",
      values,
      problems,
      data: { languages, separators, timeZones, cleanupSchedules },
    });

  app.get("/settings/general", (req, res) =>
    show(req, res, valuesOf(services.settings.current()), noProblems),
  );

  app.post("/settings/general", async (req, res) => {
    const current = services.settings.current();
    const values = typedValues(req.body);
    const result = await saveSettings(services, context.reader(req).words, {
      settings: {
        ...current,
        language: values.language,
        timeZone: values.timeZone,
        report: { ...current.report, separator: values.separator },
        storage: { ...current.storage, cleanup: cleanupFromForm(req.body, current.storage.cleanup) },
      },
      values,
      placeOf: (path) => places[path],
      changedBy: req.session.userName ?? "",
    });
    if (result.saved) res.redirect(303, "/settings/general?saved=1");
    else await show(req, res, values, result.problems);
  });
}
