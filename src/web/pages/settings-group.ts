// Settings: whose conversations are recorded. One rule for now: a group of extensions, and the directions.

import type { Request, Response } from "express";
import type { Direction } from "../../core/rule.ts";
import type { Settings } from "../../settings/schema.ts";
import type { Words } from "../../words/words.ts";
import type { FieldPlace, FieldValues, FormProblems } from "../forms/field-errors.ts";
import { checkedOf, rawTextOf, textOf } from "../forms/form-body.ts";
import { type MembersProblem, membersText, parseMembers } from "../forms/members-text.ts";
import { saveSettings } from "../forms/save-settings.ts";
import type { PageContext } from "../page.ts";
import { noProblems, showSettings } from "./settings-frame.ts";

const directions: readonly Direction[] = ["incoming", "outgoing", "internal"];
type Rule = Settings["rules"][number];

const newRule: Rule = {
  id: "group",
  name: "",
  enabled: true,
  members: [],
  directions: { incoming: true, outgoing: true, internal: false },
  whileOnHold: "stop",
  afterLeaving: "stop",
};

const checked = (on: boolean): string => (on ? "on" : "");

const valuesOf = (rule: Rule): FieldValues => ({
  name: rule.name,
  enabled: checked(rule.enabled),
  members: membersText(rule.members),
  whileOnHold: checked(rule.whileOnHold === "record"),
  afterLeaving: checked(rule.afterLeaving === "record"),
  ...Object.fromEntries(directions.map((direction) => [direction, checked(rule.directions[direction])])),
});

const typedValues = (body: unknown): FieldValues => ({
  name: textOf(body, "name"),
  enabled: textOf(body, "enabled"),
  members: rawTextOf(body, "members"),
  whileOnHold: textOf(body, "whileOnHold"),
  afterLeaving: textOf(body, "afterLeaving"),
  ...Object.fromEntries(directions.map((direction) => [direction, textOf(body, direction)])),
});

const placeOf = (path: string): FieldPlace | undefined => {
  const field = /^rules\.0\.(name|members)\b/.exec(path)?.[1];
  return field === undefined ? undefined : { field, wordsKey: `settings.group.${field}` };
};

function memberProblemText(words: Words, { line, problem }: MembersProblem): string {
  const { kind, ...params } = problem;
  const message = words(
    kind === "members-many" ? "settings.group.members-many" : `settings.group.member-${kind}`,
    params,
  );
  return line === undefined ? message : words("settings.line", { line, message });
}

/** The rule read aloud: "Calls of 4 members of “Sales” are recorded: incoming, outgoing." */
function ruleSentence(words: Words, rule: Rule): string | undefined {
  if (rule.members.length === 0) return undefined;
  const wanted = directions.filter((direction) => rule.directions[direction]);
  if (!rule.enabled || wanted.length === 0) return words("settings.group.sentence-off", { name: rule.name });
  return words("settings.group.sentence", {
    members: words("settings.group.members-count", { count: rule.members.length }),
    name: rule.name,
    directions: wanted.map((direction) => words(`direction.${direction}`)).join(", "),
  });
}

export function groupSettingsPage(context: PageContext): void {
  const { app, services } = context;
  const currentRule = (): Rule => services.settings.current().rules[0] ?? newRule;

  const show = (req: Request, res: Response, values: FieldValues, problems: FormProblems): Promise<void> =>
    showSettings(context, req, res, {
      tab: "group",
      view: "settings/group",
      values,
      problems,
      data: { directions, sentence: ruleSentence(context.reader(req).words, currentRule()) },
    });

  app.get("/settings", (_req, res) => res.redirect(303, "/settings/group"));
  app.get("/settings/group", (req, res) => show(req, res, valuesOf(currentRule()), noProblems));

  app.post("/settings/group", async (req, res) => {
    const { words } = context.reader(req);
    const values = typedValues(req.body);
    const parsed = parseMembers(values.members ?? "");
    const current = services.settings.current();
    const rule = {
      ...currentRule(),
      name: values.name,
      enabled: checkedOf(req.body, "enabled"),
      // Lines with problems are told below; the rest of the form is checked all the same.
      members: "members" in parsed ? parsed.members : [],
      directions: Object.fromEntries(
        directions.map((direction) => [direction, checkedOf(req.body, direction)]),
      ),
      whileOnHold: checkedOf(req.body, "whileOnHold") ? "record" : "stop",
      afterLeaving: checkedOf(req.body, "afterLeaving") ? "record" : "stop",
    };
    const change = {
      settings: { ...current, rules: [rule, ...current.rules.slice(1)] },
      values,
      placeOf,
      changedBy: req.session.userName ?? "",
    };
    if ("problems" in parsed) {
      const members = parsed.problems.map((problem) => memberProblemText(words, problem)).join("\n");
      const name = (values.name ?? "") === "" ? { name: nameExpected(words) } : {};
      await show(req, res, values, { errors: { ...name, members }, others: [] });
      return;
    }
    const result = await saveSettings(services, words, change);
    if (result.saved) res.redirect(303, "/settings/group?saved=1");
    else await show(req, res, values, result.problems);
  });
}

const nameExpected = (words: Words): string =>
  words("settings.expected", { expected: words("settings.group.name.expected") });
