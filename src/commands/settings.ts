// `mitschnitt settings schema | check`: what may stand in settings.json, and whether what stands there is good.

import { join } from "node:path";
import type { Command } from "commander";
import { readTextFile } from "../files/durable-file.ts";
import { parseSettingsText } from "../settings/field-errors.ts";
import { settingsJsonSchema } from "../settings/schema.ts";
import type { CommandContext } from "./command-context.ts";

export function registerSettingsCommand(program: Command, { environment, out }: CommandContext): void {
  const settings = program.command("settings").description("what may stand in settings.json");
  settings
    .command("schema")
    .description("print the JSON Schema of settings.json")
    .action(() => out(JSON.stringify(settingsJsonSchema(), null, 2)));
  settings
    .command("check")
    .description("check settings.json and name every bad field")
    .action(async () => {
      const path = join(environment.dataFolder, "settings.json");
      const text = await readTextFile(path);
      if (text === undefined) return out(`${path}: not there yet; the module makes it at its first start`);
      parseSettingsText(text, path);
      out(`${path}: good`);
    });
}
