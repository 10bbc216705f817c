// Whose the data folder is: the module runs under the account that owns it. root may do everything there, and would
// leave files behind that this account cannot read any more.

import { stat } from "node:fs/promises";
import { SettingsError } from "./core/errors.ts";

/** Throws SettingsError `wrong-account` for root on the data folder of another account. */
export async function refuseRootOnForeignData(dataFolder: string, uid = process.getuid?.()): Promise<void> {
  if (uid !== 0) return;
  const owner = await stat(dataFolder).then(
    (facts) => facts.uid,
    () => 0, // not there yet: root makes it, and owns it
  );
  if (owner === 0) return;
  throw new SettingsError(`${dataFolder} belongs to account ${owner}, and this is root`, {
    code: "wrong-account",
    hint: `Start the service, or this command by: runuser -u "$(id -nu ${owner})" -- …`,
    permanent: true,
  });
}

/** What the file system forbids is nearly always a question of the account; undefined for any other error. */
export function notPermitted(error: unknown): SettingsError | undefined {
  const { code, path } = error as NodeJS.ErrnoException;
  if ((code !== "EACCES" && code !== "EPERM") || path === undefined) return undefined;
  return new SettingsError(`${path}: this account may not read or change it (${code})`, {
    code: "not-permitted",
    hint: "Use root, or the account that owns the data folder. If that is this one, run `mitschnitt install` again as root: it hands over what root left there.",
    cause: error,
  });
}
