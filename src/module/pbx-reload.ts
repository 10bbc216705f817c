// Asks a running Asterisk whether it fits, lets it read its configuration again, and looks whether it took what was
// written. Its commands say nothing when they fail, so only what it shows afterwards counts.

import { InstallError } from "../core/errors.ts";
import type { AsteriskHost } from "./asterisk-host.ts";
import type { ReportBuilder } from "./install-report.ts";
import type { Manifest } from "./manifest.ts";

/** Whether Asterisk runs. Throws `asterisk-too-old`; warns of modules that are not loaded. */
export async function checkAsterisk(
  host: AsteriskHost,
  { compatibility }: Pick<Manifest, "compatibility">,
  report: ReportBuilder,
): Promise<boolean> {
  const booted = await host.cli("core waitfullybooted");
  if (booted.state === "silent") {
    report.warn(
      "asterisk-not-running",
      `Asterisk did not answer (${booted.reason}): only its files were looked after`,
      `It reads them when it starts. If it is running, as root: asterisk -rx "manager reload", asterisk -rx "dialplan reload".`,
    );
    return false;
  }
  const version = await ask(host, "core show version");
  const major = Number(/^Asterisk (?:certified[-/])?(\d+)/m.exec(version)?.[1]);
  if (major < compatibility.asterisk)
    throw new InstallError(
      `expected Asterisk ${compatibility.asterisk} or later, got ${version.split(" built")[0]}`,
      {
        code: "asterisk-too-old",
        hint: "Update Asterisk. Nothing was changed.",
        permanent: true,
      },
    );
  for (const module of compatibility.asteriskModules) {
    // A count, then the status: `0  Running`, or `0  Not Running`.
    const shown = await ask(host, `module show like ${module}`);
    if (!new RegExp(`^${module.replace(".", "\\.")}\\s.*\\s\\d+\\s+Running\\b`, "m").test(shown))
      report.warn(
        "asterisk-module-missing",
        `Asterisk has not loaded ${module}, which Mitschnitt needs`,
        `Add "load = ${module}" to modules.conf, or install the package that has it, then: asterisk -rx "module load ${module}"`,
      );
  }
  return true;
}

export async function reload(host: AsteriskHost): Promise<void> {
  await ask(host, "manager reload");
  await ask(host, "dialplan reload");
}

export const userIsKnown = async (host: AsteriskHost, user: string): Promise<boolean> =>
  // The secret is part of the answer of no version; it says <Set>.
  new RegExp(`^\\s*username: ${user}\\s*$`, "m").test(await ask(host, `manager show user ${user}`));

export const userIsLoggedIn = async (host: AsteriskHost, user: string): Promise<boolean> =>
  new RegExp(`^\\s*${user}\\s`, "m").test(await ask(host, "manager show connected"));

/** The first context that Asterisk does not know. */
export async function missingContext(
  host: AsteriskHost,
  contexts: readonly string[],
): Promise<string | undefined> {
  for (const context of contexts)
    if (!(await ask(host, `dialplan show ${context}`)).includes(`Context '${context}' created by`))
      return context;
  return undefined;
}

async function ask(host: AsteriskHost, command: string): Promise<string> {
  const answer = await host.cli(command);
  if (answer.state === "answered") return answer.output;
  throw new InstallError(`Asterisk did not answer "${command}": ${answer.reason}`, {
    code: "asterisk-silent",
    hint: "Look at Asterisk's log, and try again when it runs well.",
  });
}
