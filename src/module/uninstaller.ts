// Takes out exactly what the installer put in, and leaves every other byte as it is, whatever was edited meanwhile. The
// data folder stays: there are recordings in it.

import { amiSecretName, type Secrets } from "../settings/secrets.ts";
import { type AsteriskHost, openAsteriskHost } from "./asterisk-host.ts";
import { createFileChanges } from "./file-changes.ts";
import { createReportBuilder, type InstallReport, type ReportBuilder } from "./install-report.ts";
import { amiUserInclusion, dialplanInclusion, exclude } from "./pbx-files.ts";
import { reload, userIsKnown, userIsLoggedIn } from "./pbx-reload.ts";

export interface UninstallOptions {
  /** Absolute path of asterisk.conf. */
  readonly asteriskConf: string;
  readonly asteriskBin: string;
  readonly user: string;
  readonly secrets: Secrets;
  readonly dryRun?: boolean;
}

/** Does nothing where nothing is installed. Throws InstallError; then the PBX is as it was. */
export async function uninstall(options: UninstallOptions): Promise<InstallReport> {
  const { user, secrets, dryRun = false } = options;
  const host = await openAsteriskHost(options);
  const report = createReportBuilder();
  const changes = createFileChanges({ dryRun });
  try {
    for (const inclusion of [dialplanInclusion, amiUserInclusion])
      await exclude(host, inclusion, { changes, report });
  } catch (error) {
    // The first failure is the one to tell; running the command again finishes what could not be taken back.
    await changes.takeBack().catch(() => undefined);
    throw error;
  }
  const asteriskRunning = (await host.cli("core waitfullybooted")).state === "answered";
  if (asteriskRunning && !dryRun) await letGo(host, user, report);
  if (!asteriskRunning)
    report.warn(
      "asterisk-not-running",
      "Asterisk did not answer: only its files were looked after",
      `If it is running, as root: asterisk -rx "manager reload", asterisk -rx "dialplan reload".`,
    );
  report.step(secrets.get(amiSecretName) !== undefined, "secret", amiSecretName);
  if (!dryRun) await secrets.remove(amiSecretName);
  return report.build({ asteriskRunning, dryRun });
}

async function letGo(host: AsteriskHost, user: string, report: ReportBuilder): Promise<void> {
  await reload(host);
  if (await userIsKnown(host, user))
    report.warn(
      "user-still-known",
      `Asterisk still knows the AMI user ${user}`,
      "Look for an error about manager.conf in Asterisk's log; or somebody else defines that user.",
    );
  // Asterisk asks for the secret at the login only: a session outlives its user.
  if (await userIsLoggedIn(host, user))
    report.warn(
      "user-still-logged-in",
      `${user} is still logged in to AMI, and stays so until it leaves`,
      "Stop Mitschnitt.",
    );
}
