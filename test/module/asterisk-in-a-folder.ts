// What the installer meets on a PBX, without the PBX: a configuration folder, and for the binary a script that answers
// as Asterisk does. The real ones are in test/pbx-live.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export const managerConf = "[general]\nenabled = yes\nport = 5999\n";
export const extensionsConf = "[office]\nexten => 10,1,Dial(PJSIP/10)\n";

export interface FolderAsterisk {
  readonly asteriskConf: string;
  readonly asteriskBin: string;
  readonly etcDir: string;
  readonly spoolDir: string;
}

/** Without answers nothing runs. Keys are the beginnings of commands; what has no answer is answered with nothing. */
export async function asteriskInFolder(
  folder: string,
  answers?: Readonly<Record<string, string>>,
): Promise<FolderAsterisk> {
  const [etcDir, spoolDir] = [join(folder, "etc"), join(folder, "spool")];
  for (const made of [etcDir, spoolDir]) await mkdir(made);
  const asteriskConf = join(etcDir, "asterisk.conf");
  const directories = `astetcdir => ${etcDir}\nastspooldir => ${spoolDir}\nastrundir => ${folder}`;
  await writeFile(asteriskConf, `[directories]\n${directories}\n`);
  await writeFile(join(etcDir, "manager.conf"), managerConf);
  await writeFile(join(etcDir, "extensions.conf"), extensionsConf);
  const asteriskBin = join(folder, "asterisk");
  const cases = Object.entries(answers ?? {}).map(([command, text]) => `"${command}"*) echo "${text}";;`);
  // Called as `asterisk -C FILE -rx COMMAND`.
  const script = ["#!/bin/sh", 'case "$4" in', ...cases, "esac", ""].join("\n");
  await writeFile(asteriskBin, answers ? script : "#!/bin/sh\necho 'Unable to connect' >&2\nexit 1\n", {
    mode: 0o755,
  });
  return { asteriskConf, asteriskBin, etcDir, spoolDir };
}

export const healthy = {
  "core waitfullybooted": "Asterisk has fully booted.",
  "core show version": "Asterisk 22.10.1 built by nobody",
  "module show like": [
    "app_mixmonitor.so  Mixed Audio Monitoring  0  Running  core",
    "app_stack.so  Subroutines  0  Running  core",
    "format_wav.so  WAV  0  Running  core",
    "pbx_config.so  Text Extension Configuration  0  Running  core",
  ].join("\n"),
  "manager show user mitschnitt": "  username: mitschnitt",
  "dialplan show": [
    "Context 'mitschnitt-incoming' created by",
    "Context 'mitschnitt-outgoing' created by",
    "Context 'mitschnitt-member' created by",
  ].join("\n"),
} as const;
