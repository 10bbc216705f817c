// Which of the PBX's files the module touches, and how: two files of its own, each included by a marked block in one of
// Asterisk's. Written own file first and taken out block first, since Asterisk refuses a whole file for a missing include.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InstallError } from "../core/errors.ts";
import type { AsteriskHost } from "./asterisk-host.ts";
import type { FileAttributes, FileChanges } from "./file-changes.ts";
import type { ReportBuilder } from "./install-report.ts";
import { packageFile } from "./manifest.ts";
import { type Block, withBlock, withoutBlock } from "./marked-block.ts";

interface Inclusion {
  readonly what: string;
  /** Asterisk's file, which includes ours. */
  readonly into: string;
  readonly own: string;
}

export const amiUserInclusion: Inclusion = {
  what: "ami-user",
  into: "manager.conf",
  own: "mitschnitt-manager.conf",
};
export const dialplanInclusion: Inclusion = {
  what: "dialplan",
  into: "extensions.conf",
  own: "mitschnitt-extensions.conf",
};

const blockOf = ({ own }: Inclusion): Block => ({ name: "mitschnitt", lines: [`#include "${own}"`] });

/** How each of our files begins; anything else by its name is not ours. */
const signature = "; Mitschnitt: ";

export const dialplanBytes = (file: string): Promise<Buffer> => readFile(packageFile(file));

/** Throws `name-taken` where one of the sections is defined by somebody else already. */
export async function refuseTakenSections(
  host: AsteriskHost,
  { into, own }: Inclusion,
  names: readonly string[],
): Promise<void> {
  const taken = ((await host.config(into)) ?? []).find(
    ({ name, file }) => names.includes(name) && file !== join(host.etcDir, own),
  );
  if (taken !== undefined)
    throw new InstallError(`${taken.file}: there is a section [${taken.name}] that is not the installer's`, {
      code: "name-taken",
      hint: "Remove or rename that section, and try again. Nothing was changed.",
      permanent: true,
    });
}

export async function include(
  host: AsteriskHost,
  inclusion: Inclusion,
  bytes: Buffer,
  {
    changes,
    report,
    attributes,
  }: { changes: FileChanges; report: ReportBuilder; attributes: FileAttributes },
): Promise<void> {
  const { what } = inclusion;
  const own = join(host.etcDir, inclusion.own);
  const into = join(host.etcDir, inclusion.into);
  const there = await changes.read(own);
  if (there !== undefined && !isOurs(there))
    throw new InstallError(`${own} is there already, and not the installer's`, {
      code: "file-in-the-way",
      hint: "Move that file away, and try again.",
      permanent: true,
    });
  report.step(await changes.put(own, bytes, attributes), what, own);
  const before = await changes.read(into);
  const after = withBlock(before, blockOf(inclusion), into);
  report.step(
    await changes.put(into, after, before === undefined ? attributes : undefined),
    `${what}-include`,
    into,
  );
}

export async function exclude(
  host: AsteriskHost,
  inclusion: Inclusion,
  { changes, report }: { changes: FileChanges; report: ReportBuilder },
): Promise<void> {
  const { what } = inclusion;
  const block = blockOf(inclusion);
  const own = join(host.etcDir, inclusion.own);
  const into = join(host.etcDir, inclusion.into);
  const without = withoutBlock(await changes.read(into), block.name, into);
  const removed =
    without.lines !== undefined &&
    (without.bytes === undefined
      ? await changes.remove(into)
      : await changes.put(into, without.bytes, undefined));
  report.step(removed, `${what}-include`, into);
  const foreign = (without.lines ?? []).filter((line) => !block.lines.includes(line) && line.trim() !== "");
  if (foreign.length > 0)
    report.warn(
      "block-edited",
      `${into}: lines that somebody wrote between the installer's markers went with them: ${foreign.slice(0, 20).join(" | ")}`,
      "Write them again outside of the markers if they are still wanted.",
    );
  const there = await changes.read(own);
  if (there !== undefined && !isOurs(there))
    report.warn(
      "file-in-the-way",
      `${own} is not the installer's and was left`,
      "Remove it if nobody needs it.",
    );
  else report.step(await changes.remove(own), what, own);
}

const isOurs = (bytes: Buffer): boolean =>
  bytes.subarray(0, signature.length).toString("latin1") === signature;
