// Settings: how to reach the PBX. Its secret can be written here, and never read.

import type { Request } from "express";
import type { Settings } from "../../settings/schema.ts";
import { amiSecretName } from "../../settings/secrets.ts";
import { conditionText } from "../../words/reason-words.ts";
import { expectation, type FieldPlace, type FieldValues, type FormProblems } from "../forms/field-errors.ts";
import { checkedOf, linesOf, numberOf, rawTextOf, textOf } from "../forms/form-body.ts";
import { isUsableSecret, saveSettings } from "../forms/save-settings.ts";
import type { PageContext } from "../page.ts";
import { noProblems, showSettings } from "./settings-frame.ts";

const valuesOf = ({ pbx }: Settings): FieldValues => ({
  host: pbx.host,
  port: String(pbx.port),
  user: pbx.user,
  tls: pbx.tls ? "on" : "",
  trunks: pbx.trunks.join("\n"),
});

const typedValues = (body: unknown): FieldValues => ({
  host: textOf(body, "host"),
  port: textOf(body, "port"),
  user: textOf(body, "user"),
  tls: textOf(body, "tls"),
  trunks: rawTextOf(body, "trunks"),
});

const placeOf = (path: string): FieldPlace | undefined => {
  const field = /^pbx\.(host|port|user|trunks)\b/.exec(path)?.[1];
  return field === undefined ? undefined : { field, wordsKey: `settings.pbx.${field}` };
};

export function pbxSettingsPage(context: PageContext): void {
  const { app, services } = context;

  const show = (
    req: Request,
    res: Parameters<typeof showSettings>[2],
    values: FieldValues,
    problems: FormProblems,
  ) => {
    const { words } = context.reader(req);
    const condition = services.conditions().find(({ subject }) => subject === "pbx");
    return showSettings(context, req, res, {
      tab: "pbx",
      view: "settings/pbx",
      values,
      problems,
      data: {
        hasSecret: services.secrets.get(amiSecretName) !== undefined,
        pbx: services.pbx(),
        pbxProblem: condition && conditionText(words, condition),
      },
    });
  };

  app.get("/settings/pbx", (req, res) => show(req, res, valuesOf(services.settings.current()), noProblems));

  app.post("/settings/pbx", async (req, res) => {
    const { words } = context.reader(req);
    const current = services.settings.current();
    const values = typedValues(req.body);
    const secret = rawTextOf(req.body, "secret");
    if (!isUsableSecret(secret)) {
      const errors = { secret: expectation(words, "settings.pbx.secret", "") };
      await show(req, res, values, { errors, others: [] });
      return;
    }
    const result = await saveSettings(services, words, {
      settings: {
        ...current,
        pbx: {
          ...current.pbx,
          host: values.host,
          port: numberOf(req.body, "port"),
          user: values.user,
          tls: checkedOf(req.body, "tls"),
          trunks: linesOf(req.body, "trunks"),
        },
      },
      values,
      placeOf,
      secret: secret === "" ? undefined : { name: amiSecretName, value: secret },
      changedBy: req.session.userName ?? "",
    });
    if (result.saved) res.redirect(303, "/settings/pbx?saved=1");
    else await show(req, res, values, result.problems);
  });
}
