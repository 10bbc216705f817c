// Where the PBX writes its CDRs: found from asterisk.conf and cdr.conf as the installer finds things, or named.

import { join, resolve } from "node:path";
import { configValue } from "../module/asterisk-config.ts";
import { type AsteriskHost, openAsteriskHost } from "../module/asterisk-host.ts";

export interface CdrSource {
  readonly files: readonly string[];
  /** CDRs are held back until so much time has passed (`batch` in cdr.conf). */
  readonly heldBackMs: number;
}

export interface CdrSourceFlags {
  readonly asteriskConf: string;
  readonly cdr?: readonly string[];
}

const defaultBatchSeconds = 300;

/** Throws InstallError `asterisk-conf-missing` where neither a file is named nor an Asterisk is found. */
export async function findCdrs({ asteriskConf, cdr = [] }: CdrSourceFlags): Promise<CdrSource> {
  const open = (): Promise<AsteriskHost> =>
    openAsteriskHost({ asteriskConf: resolve(asteriskConf), asteriskBin: "asterisk" });
  // A named file may be a copy from another machine, where there is no Asterisk.
  const host = cdr.length > 0 ? await open().catch(() => undefined) : await open();
  return {
    files: cdr.length > 0 || host === undefined ? cdr : [join(host.logDir, "cdr-csv", "Master.csv")],
    heldBackMs: host === undefined ? 0 : await heldBack(host),
  };
}

async function heldBack(host: AsteriskHost): Promise<number> {
  const sections = (await host.config("cdr.conf")) ?? [];
  const isBatch = /^(yes|true|y|t|1|on)$/i.test(configValue(sections, "general", "batch") ?? "no");
  const seconds = Number(configValue(sections, "general", "time") ?? defaultBatchSeconds);
  if (!isBatch) return 0;
  return (Number.isFinite(seconds) && seconds > 0 ? seconds : defaultBatchSeconds) * 1000;
}
