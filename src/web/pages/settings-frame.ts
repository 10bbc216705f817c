// What the four settings pages have in common: tabs, the banner for a broken file, a form that keeps what was typed.

import type { Request, Response } from "express";
import type { FieldValues, FormProblems } from "../forms/field-errors.ts";
import type { PageContext } from "../page.ts";
import type { ViewData } from "../rendering/render.ts";

export type SettingsTab = "group" | "pbx" | "targets" | "general";

const tabs: readonly SettingsTab[] = ["group", "pbx", "targets", "general"];

export const noProblems: FormProblems = { errors: {}, others: [] };

export const hasProblems = ({ errors, others }: FormProblems): boolean =>
  Object.keys(errors).length > 0 || others.length > 0;

export interface SettingsPage {
  readonly tab: SettingsTab;
  readonly view: string;
  readonly values: FieldValues;
  readonly problems: FormProblems;
  readonly data?: ViewData;
}

export async function showSettings(
  context: PageContext,
  req: Request,
  res: Response,
  { tab, view, values, problems, data }: SettingsPage,
): Promise<void> {
  const { words } = context.reader(req);
  await context.show(req, res, {
    view,
    title: `${words(`settings.tabs.${tab}`)} – ${words("settings.title")}`,
    section: "settings",
    status: hasProblems(problems) ? 422 : 200,
    data: { ...data, tab, tabs, values, errors: problems.errors, others: problems.others },
  });
}
