// The commands `install` and `uninstall`: options in, a short account for a person or JSON for a program out.

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Command, Option } from "commander";
import { InstallError, MitschnittError } from "../core/errors.ts";
import { openSecrets, type Secrets } from "../settings/secrets.ts";
import { handDataOver } from "./data-owner.ts";
import type { InstallReport } from "./install-report.ts";
import { type Installed, install } from "./installer.ts";
import { uninstall } from "./uninstaller.ts";

export interface InstallCommandDeps {
  /** Where `--data` is not given. */
  readonly dataDir: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** 0 done, 1 failed; called once. */
  readonly exit: (code: number) => void;
  /** After an installation, not after a dry run: to put the PBX's address into the settings. */
  readonly installed?: (dataDir: string, pbx: Installed["pbx"]) => Promise<void>;
}

interface Flags {
  readonly asteriskConf: string;
  readonly asterisk: string;
  readonly data: string;
  readonly json: boolean;
  readonly dryRun: boolean;
}

const amiUser = "mitschnitt";

export function registerInstallCommands(program: Command, deps: InstallCommandDeps): void {
  const command = (name: string, description: string) =>
    program
      .command(name)
      .description(description)
      .addOption(
        new Option("--asterisk-conf <file>", "Asterisk's main configuration").default(
          "/etc/asterisk/asterisk.conf",
        ),
      )
      .addOption(new Option("--asterisk <binary>", "Asterisk's binary").default("asterisk"))
      .addOption(new Option("--data <dir>", "Mitschnitt's data").default(deps.dataDir))
      .option("--json", "print JSON", false)
      .option("--dry-run", "say what would be done, and do nothing", false);

  command("install", "add the AMI user and the dialplan to this machine's Asterisk").action((flags: Flags) =>
    carryOut(flags, deps, async () => {
      const dataDir = resolve(flags.data);
      const report = await install({ ...common(flags), dataDir });
      if (flags.dryRun) return report;
      await deps.installed?.(dataDir, report.pbx);
      await handDataOver(dataDir);
      return report;
    }),
  );
  command("uninstall", "take out of Asterisk what `install` put in; data stays").action((flags: Flags) =>
    carryOut(flags, deps, () => uninstall(common(flags))),
  );
}

const common = (flags: Flags) => ({
  asteriskConf: resolve(flags.asteriskConf),
  asteriskBin: flags.asterisk.includes("/") ? resolve(flags.asterisk) : flags.asterisk,
  user: amiUser,
  secrets: secretsIn(flags.data),
  dryRun: flags.dryRun,
});

/** Makes the folder when something is written, and not before: an installation that is refused leaves nothing. */
function secretsIn(dataDir: string): Secrets {
  const folder = join(resolve(dataDir), "secrets");
  return {
    get: (name) => (existsSync(folder) ? openSecrets(folder).get(name) : undefined),
    set: (name, value) => openSecrets(folder).set(name, value),
    remove: async (name) => {
      if (existsSync(folder)) await openSecrets(folder).remove(name);
    },
  };
}

async function carryOut(
  flags: Flags,
  deps: InstallCommandDeps,
  work: () => Promise<InstallReport>,
): Promise<void> {
  try {
    const report = await work();
    deps.out(flags.json ? JSON.stringify({ ok: true, ...report }) : accountOf(report));
    deps.exit(0);
  } catch (error) {
    const { code, message, hint } = error instanceof MitschnittError ? error : failureOf(error);
    if (flags.json) deps.out(JSON.stringify({ ok: false, error: { code, message, hint } }));
    else deps.err(`${message}\n  ${hint}`);
    deps.exit(1);
  }
}

/** From the file system, outside of the PBX's files: the data folder. */
function failureOf(cause: unknown): InstallError {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === undefined) throw cause;
  return new InstallError(message, {
    code: code === "EACCES" || code === "EPERM" ? "not-permitted" : "file-failed",
    hint: "Run the command as root (sudo), and check the data folder and the free space of its disk.",
    cause,
  });
}

function accountOf({ done, already, warnings, dryRun }: InstallReport): string {
  const verb = dryRun ? "would change" : "changed";
  return [
    ...done.map(({ what, detail }) => `${verb}  ${what}  ${detail}`),
    ...already.map(({ what, detail }) => `as is  ${what}  ${detail}`),
    ...warnings.map(({ message, hint }) => `warning  ${message}\n  ${hint}`),
  ].join("\n");
}
