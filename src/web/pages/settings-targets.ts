// Settings: where recordings are delivered. A list with the state of each target, and a form for one.

import type { Request, Response } from "express";
import type { Schedule } from "../../core/schedule.ts";
import type { TargetSettings } from "../../settings/schema.ts";
import { targetSecretName } from "../../settings/secrets.ts";
import { conditionText } from "../../words/reason-words.ts";
import type { Words } from "../../words/words.ts";
import { expectation, type FieldValues, type FormProblems } from "../forms/field-errors.ts";
import { rawTextOf, textOf } from "../forms/form-body.ts";
import { isUsableSecret, saveSettings } from "../forms/save-settings.ts";
import {
  isTargetKind,
  newTargetId,
  newTargetValues,
  type TargetKind,
  targetFromForm,
  targetPlaceOf,
  targetValues,
  typedTargetValues,
} from "../forms/target-form.ts";
import type { PageContext } from "../page.ts";
import { noProblems, showSettings } from "./settings-frame.ts";

function scheduleText(words: Words, schedule: Schedule): string {
  if (schedule.kind === "interval")
    return words("settings.targets.schedule.interval-short", { count: schedule.minutes });
  if (schedule.kind === "daily")
    return words("settings.targets.schedule.daily-short", { time: schedule.time });
  return words("settings.targets.schedule.at-once-short");
}

export function targetSettingsPages(context: PageContext): void {
  const { app, services } = context;
  const targets = (): readonly TargetSettings[] => services.settings.current().targets;
  const find = (id: string | undefined): TargetSettings | undefined =>
    targets().find((target) => target.id === id);

  app.get("/settings/targets", async (req, res) => {
    const { words } = context.reader(req);
    const deliveries = await services.deliveries();
    await showSettings(context, req, res, {
      tab: "targets",
      view: "settings/targets",
      values: {},
      problems: noProblems,
      data: {
        sending: req.query.sending === "1",
        lanes: targets().map((target) => {
          const delivery = deliveries.find(({ targetId }) => targetId === target.id);
          return {
            target,
            delivery,
            state: !target.enabled ? "off" : (delivery?.state ?? "unknown"),
            schedule: scheduleText(words, target.schedule),
            error: delivery?.lastError && conditionText(words, delivery.lastError),
          };
        }),
      },
    });
  });

  const showForm = (
    req: Request,
    res: Response,
    form: {
      readonly kind: TargetKind;
      readonly target: TargetSettings | undefined;
      readonly values: FieldValues;
    },
    problems: FormProblems = noProblems,
  ): Promise<void> =>
    showSettings(context, req, res, {
      tab: "targets",
      view: "settings/target",
      values: form.values,
      problems,
      data: {
        kind: form.kind,
        target: form.target,
        hasPassword:
          form.target !== undefined && services.secrets.get(targetSecretName(form.target.id)) !== undefined,
      },
    });

  const save = async (req: Request, res: Response, kind: TargetKind, target: TargetSettings | undefined) => {
    const { words } = context.reader(req);
    const values = typedTargetValues(req.body);
    const password = kind === "ftp" ? rawTextOf(req.body, "password") : "";
    const form = { kind, target, values };
    if (!isUsableSecret(password)) {
      const errors = { password: expectation(words, "settings.targets.password", "") };
      await showForm(req, res, form, { errors, others: [] });
      return;
    }
    const id = target?.id ?? newTargetId(textOf(req.body, "name"));
    const changed = targetFromForm(id, kind, req.body);
    const index = target === undefined ? targets().length : targets().indexOf(target);
    const result = await saveSettings(services, words, {
      settings: {
        ...services.settings.current(),
        targets: targets().toSpliced(index, 1, changed as TargetSettings),
      },
      values,
      placeOf: targetPlaceOf(index),
      secret: password === "" ? undefined : { name: targetSecretName(id), value: password },
      changedBy: req.session.userName ?? "",
    });
    if (result.saved) res.redirect(303, "/settings/targets?saved=1");
    else await showForm(req, res, form, result.problems);
  };

  app.get("/settings/targets/new", async (req, res) => {
    const kind = isTargetKind(req.query.kind) ? req.query.kind : "folder";
    await showForm(req, res, { kind, target: undefined, values: newTargetValues(kind) });
  });

  app.post("/settings/targets/new", async (req, res) => {
    const kind = textOf(req.body, "kind");
    await save(req, res, isTargetKind(kind) ? kind : "folder", undefined);
  });

  app.post("/settings/targets/deliver", (_req, res) => {
    services.deliverNow();
    res.redirect(303, "/settings/targets?sending=1");
  });

  app.get("/settings/targets/:id", async (req, res, next) => {
    const target = find(req.params.id);
    if (target === undefined) next();
    else await showForm(req, res, { kind: target.kind, target, values: targetValues(target) });
  });

  app.post("/settings/targets/:id", async (req, res, next) => {
    const target = find(req.params.id);
    if (target === undefined) next();
    else await save(req, res, target.kind, target);
  });

  app.post("/settings/targets/:id/deliver", (req, res, next) => {
    const target = find(req.params.id);
    if (target === undefined) return next();
    services.deliverNow(target.id);
    res.redirect(303, "/settings/targets?sending=1");
  });

  app.post("/settings/targets/:id/remove", async (req, res, next) => {
    const target = find(req.params.id);
    if (target === undefined) return next();
    await services.settings.save(
      { ...services.settings.current(), targets: targets().filter(({ id }) => id !== target.id) },
      req.session.userName ?? "",
    );
    await services.secrets.remove(targetSecretName(target.id));
    res.redirect(303, "/settings/targets?saved=1");
  });
}
