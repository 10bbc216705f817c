// The installer runs as root, the module under the account that owns the data folder: what root wrote there, it hands over.

import { lchown, lstat, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** Where in the data folder an installation writes: the folder itself (settings, journal) and the secrets. */
const places = ["", "secrets"] as const;

/** Does nothing unless run by root on the data folder of another account. */
export async function handDataOver(dataDir: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid } = await stat(dataDir);
  if (uid === 0) return;
  for (const place of places) {
    const folder = join(dataDir, place);
    const facts = await lstat(folder).catch(() => undefined);
    if (!facts?.isDirectory()) continue;
    // The group stays as it is: the folder's is Asterisk's, which has no business with the journal.
    for (const path of [folder, ...(await filesOfRoot(folder))])
      await lchown(path, uid, (await lstat(path)).gid);
  }
}

/** Links are left alone, hard ones too: the account could otherwise have itself given a file of the system's. */
async function filesOfRoot(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const facts = await lstat(path);
    if (facts.isFile() && facts.uid === 0 && facts.nlink === 1) found.push(path);
  }
  return found;
}
