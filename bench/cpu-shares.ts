// Who took how much of the processors while something went on.

import type { Office } from "../lab/office.ts";
import { cpuMsOf, machineCpuMs, rssMbOf } from "../lab/process-usage.ts";

/** In percent of one core. */
export interface CpuShares {
  /** Undefined while it does not run. */
  readonly module: number | undefined;
  readonly pbx: number;
  readonly world: number;
  /** Everything else on this machine, the measurement itself included. */
  readonly others: number;
  /** The module's memory, at the end. */
  readonly rssMb: number | undefined;
}

export async function cpuDuring(office: Office, activity: () => Promise<unknown>): Promise<CpuShares> {
  const { module, lab } = office;
  const pids = { module: module.pid, pbx: lab.pbx.pid, world: lab.world.pid };
  const read = async () => ({
    module: await cpuOf(pids.module),
    pbx: await cpuOf(pids.pbx),
    world: await cpuOf(pids.world),
    machine: await machineCpuMs(),
    atMs: performance.now(),
  });
  const before = await read();
  await activity();
  const after = await read();
  const share = (who: "module" | "pbx" | "world" | "machine"): number =>
    (100 * (after[who] - before[who])) / (after.atMs - before.atMs);
  return {
    module: pids.module === undefined ? undefined : share("module"),
    pbx: share("pbx"),
    world: share("world"),
    others: share("machine") - share("module") - share("pbx") - share("world"),
    rssMb: pids.module === undefined ? undefined : await rssMbOf(pids.module),
  };
}

const cpuOf = async (pid: number | undefined): Promise<number> => (pid === undefined ? 0 : cpuMsOf(pid));
