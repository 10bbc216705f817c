#!/usr/bin/env node
// The command line: `mitschnitt start`, `status`, `install` … Each command is a file in commands/; exit codes are 0 for
// done and 1 for not, with a reason that a person understands.

import { Command } from "commander";
import { registerCleanupCommand } from "./commands/cleanup.ts";
import { registerDeliverCommand } from "./commands/deliver.ts";
import { registerExplainCommand } from "./commands/explain.ts";
import { rememberPbx } from "./commands/remember-pbx.ts";
import { registerReportCommand } from "./commands/report.ts";
import { registerSettingsCommand } from "./commands/settings.ts";
import { registerStartCommand } from "./commands/start.ts";
import { registerStatusCommand } from "./commands/status.ts";
import { registerVerifyCommand } from "./commands/verify.ts";
import { explain } from "./core/errors.ts";
import { notPermitted } from "./data-account.ts";
import { readEnvironment } from "./environment.ts";
import { registerInstallCommands } from "./module/install-commands.ts";
import { readManifest } from "./module/manifest.ts";

const out = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const err = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

// Whatever a command writes, calls and numbers are in it: nobody else of the machine reads that.
process.umask(0o027);

try {
  const environment = readEnvironment(process.env);
  const program = new Command("mitschnitt")
    .description("Call recording for Asterisk phone systems")
    .version((await readManifest()).version);
  registerStartCommand(program, { environment, out });
  registerStatusCommand(program, { environment, out });
  registerDeliverCommand(program, { environment, out });
  registerCleanupCommand(program, { environment, out });
  registerReportCommand(program, { environment, out });
  registerVerifyCommand(program, { environment, out });
  registerExplainCommand(program, { environment, out });
  registerSettingsCommand(program, { environment, out });
  registerInstallCommands(program, {
    dataDir: environment.dataFolder,
    out,
    err,
    exit: (code) => {
      process.exitCode = code;
    },
    installed: rememberPbx,
  });
  await program.parseAsync();
} catch (error) {
  err(explain(notPermitted(error) ?? error));
  process.exitCode = 1;
}
