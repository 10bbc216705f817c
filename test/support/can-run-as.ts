// Whether a test can start this source under another account: that takes root, and a checkout that others may read.

import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { asAccount, type LabAccount } from "../../lab/account.ts";

const source = resolve(import.meta.dirname, "../../src/cli.ts");

export function canRunAs(account: LabAccount): boolean {
  if (process.getuid?.() !== 0) return false;
  const [command = "", ...words] = asAccount(account);
  const read = `require("node:fs").readFileSync(${JSON.stringify(source)})`;
  return spawnSync(command, [...words, process.execPath, "-e", read]).status === 0;
}
