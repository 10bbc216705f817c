// Puts the module into a plain Asterisk, or makes sure that it is in: AMI user, dialplan, folders. Changes nothing the
// second time; when a step fails, what was done before it is taken back.

import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { InstallError } from "../core/errors.ts";
import { amiSecretName, randomSecret, type Secrets } from "../settings/secrets.ts";
import { type AmiGeneral, amiGeneral, amiUserConf } from "./ami-user.ts";
import { type AsteriskHost, openAsteriskHost } from "./asterisk-host.ts";
import { handDataOver } from "./data-owner.ts";
import { createFileChanges, type FileChanges } from "./file-changes.ts";
import { createReportBuilder, type InstallReport, type ReportBuilder } from "./install-report.ts";
import { type Manifest, readManifest } from "./manifest.ts";
import {
  amiUserInclusion,
  dialplanBytes,
  dialplanInclusion,
  include,
  refuseTakenSections,
} from "./pbx-files.ts";
import { checkAsterisk, missingContext, reload, userIsKnown } from "./pbx-reload.ts";
import { prepareSpoolFolders } from "./spool-folders.ts";

export interface InstallOptions {
  /** Absolute path of asterisk.conf. */
  readonly asteriskConf: string;
  /** Asterisk's binary: a name on the PATH, or a path. */
  readonly asteriskBin: string;
  readonly dataDir: string;
  /** Name of the AMI user. */
  readonly user: string;
  /** Of `dataDir`; gets the AMI user's secret. */
  readonly secrets: Secrets;
  /** Says what it would do, and does nothing. */
  readonly dryRun?: boolean;
}

export interface Installed extends InstallReport {
  /** Where the module reaches the PBX: for its settings. */
  readonly pbx: { readonly host: string; readonly port: number; readonly user: string };
}

/** Throws InstallError; then the PBX is as it was. */
export async function install(options: InstallOptions): Promise<Installed> {
  const { user, dryRun = false } = options;
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(user))
    throw new InstallError(`AMI user: expected 1–40 of a–z, 0–9 and -, got "${user}"`, {
      code: "ami-user-name",
      hint: "Choose another name.",
      permanent: true,
    });
  const manifest = await readManifest();
  const host = await openAsteriskHost(options);
  const general = await readGeneral(host);
  const report = createReportBuilder();
  await refuseTakenSections(host, amiUserInclusion, [user]);
  await refuseTakenSections(host, dialplanInclusion, manifest.dialplan.contexts);
  const asteriskRunning = await checkAsterisk(host, manifest, report);

  const changes = createFileChanges({ dryRun });
  try {
    await writeEverything({ options, dryRun, host, general, manifest, changes, report });
    if (asteriskRunning && !dryRun) await bringIntoForce(host, user, manifest);
  } catch (error) {
    await takeBack(changes, host, asteriskRunning && !dryRun, error);
    throw error;
  }
  if (!general.enabled)
    report.warn(
      "ami-disabled",
      `${join(host.etcDir, "manager.conf")}: AMI is switched off, so Mitschnitt cannot log in`,
      `Set "enabled = yes" in [general] there, then: asterisk -rx "manager reload"`,
    );
  const pbx = { host: general.host, port: general.port, user };
  return { ...report.build({ asteriskRunning, dryRun }), pbx };
}

async function readGeneral(host: AsteriskHost): Promise<AmiGeneral> {
  const sections = await host.config("manager.conf");
  if (sections !== undefined) return amiGeneral(sections);
  throw new InstallError(`there is no ${join(host.etcDir, "manager.conf")}`, {
    code: "manager-conf-missing",
    hint: `Make one with the lines "[general]", "enabled = yes" and "bindaddr = 127.0.0.1", and try again.`,
    permanent: true,
  });
}

interface Work {
  readonly options: InstallOptions;
  readonly dryRun: boolean;
  readonly host: AsteriskHost;
  readonly general: AmiGeneral;
  readonly manifest: Manifest;
  readonly changes: FileChanges;
  readonly report: ReportBuilder;
}

async function writeEverything(work: Work): Promise<void> {
  const { options, dryRun, host, general, manifest, changes, report } = work;
  const asterisk = await host.account();
  const attributes = { mode: 0o640, uid: process.getuid?.() ?? 0, gid: asterisk.gid };
  const umask = await host.umask();
  await prepareSpoolFolders({ dataDir: options.dataDir, asterisk, umask, changes, report, dryRun });
  const secret = await keepSecret(work);
  const amiUser = Buffer.from(amiUserConf({ user: options.user, secret, permit: general.host }));
  await include(host, amiUserInclusion, amiUser, { changes, report, attributes });
  const dialplan = await dialplanBytes(manifest.dialplan.file);
  await include(host, dialplanInclusion, dialplan, { changes, report, attributes });
}

/** The secret that is there, or a new one. */
async function keepSecret({ options, dryRun, changes, report }: Work): Promise<string> {
  const { secrets, dataDir } = options;
  const known = secrets.get(amiSecretName);
  report.step(known === undefined, "secret", amiSecretName);
  if (known !== undefined) return known;
  const secret = randomSecret();
  if (dryRun) return secret;
  changes.onTakeBack(async () => {
    await secrets.remove(amiSecretName);
    await rmdir(join(dataDir, "secrets")).catch(() => undefined);
  });
  await secrets.set(amiSecretName, secret);
  await handDataOver(dataDir);
  return secret;
}

async function bringIntoForce(host: AsteriskHost, user: string, manifest: Manifest): Promise<void> {
  const { contexts } = manifest.dialplan;
  await reload(host);
  if (!(await userIsKnown(host, user)))
    throw new InstallError(`Asterisk did not take the AMI user ${user} from manager.conf`, {
      code: "not-loaded",
      hint: "Look for an error about manager.conf in Asterisk's log, and correct it. Everything was taken back.",
    });
  const missing = await missingContext(host, contexts);
  if (missing !== undefined)
    throw new InstallError(`Asterisk did not take the context ${missing} from extensions.conf`, {
      code: "not-loaded",
      hint: "Check that pbx_config.so is loaded, and look for an error about extensions.conf in Asterisk's log. Everything was taken back.",
    });
}

async function takeBack(
  changes: FileChanges,
  host: AsteriskHost,
  running: boolean,
  reason: unknown,
): Promise<void> {
  try {
    await changes.takeBack();
    if (running) await reload(host);
  } catch (cause) {
    throw new InstallError(
      `${reason instanceof Error ? reason.message : reason}; then taking back failed too`,
      {
        code: "take-back-failed",
        hint: "Run `mitschnitt uninstall`: it takes out what is left.",
        cause,
      },
    );
  }
}
