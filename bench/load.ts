// What recording takes: a hundred calls at once on a real Asterisk 22, each with a voice on both sides, recorded by
// Mitschnitt (built, as a process of its own), and the same calls again recorded by a MixMonitor in the dialplan. Steady
// is a window in which nobody comes or goes, renewed one in which a call a second ends and another one begins.
//
// Every recording is listened to at the end; one that is missing, or lacks a voice, ends the measurement without a
// result. Prints its figures, and as its last line {"calls","cpuPercentOfCore","rssMb",…}; all cpu… in percent of one core.

import { setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "../lab/deadline.ts";
import { type Office, openOffice } from "../lab/office.ts";
import { type CpuShares, cpuDuring } from "./cpu-shares.ts";
import { createCrowd } from "./crowd.ts";
import { checkDelivered, checkReferences } from "./load-check.ts";

const callCount = 100;
const windowMs = 60_000;
/** After the last call has begun: what starting them took is over. */
const settleMs = 5_000;
const renewEveryMs = 1_000;
/** Direct number 101, and the same with a MixMonitor from before the first ring: lab/config/pbx/extensions.conf. */
const [number, referenceNumber] = ["101", "ref101"];

interface Measured {
  readonly steady: CpuShares;
  readonly renewed: CpuShares;
}

async function withMitschnitt(office: Office): Promise<Measured & { readonly calls: number }> {
  const crowd = createCrowd(office.lab, number);
  await crowd.fill(callCount);
  const rowsOpen = (): boolean => office.recordings().length === callCount;
  await waitUntil("a row for each recording", rowsOpen, { timeoutMs: 20_000 });
  await sleep(settleMs);
  const steady = await cpuDuring(office, () => sleep(windowMs));
  tell("steady", steady);
  const renewed = await cpuDuring(office, () => crowd.renew(renewEveryMs, windowMs));
  tell("renewed", renewed);
  const calls = crowd.placed();
  await crowd.end();
  await office.settled(calls, 120_000);
  await checkDelivered(office, calls);
  return { steady, renewed, calls };
}

async function withDialplan(office: Office): Promise<Measured> {
  const crowd = createCrowd(office.lab, referenceNumber);
  await crowd.fill(callCount);
  await sleep(settleMs);
  const steady = await cpuDuring(office, () => sleep(windowMs));
  tell("dialplan", steady);
  const renewed = await cpuDuring(office, () => crowd.renew(renewEveryMs, windowMs));
  tell("renewed", renewed);
  const calls = crowd.placed();
  await crowd.end();
  await office.lab.idle();
  await checkReferences(office.lab.pbx.monitorDir, calls);
  return { steady, renewed };
}

function tell(window: string, { module, pbx, world, others, rssMb }: CpuShares): void {
  const percent = (value: number | undefined): string => `${value?.toFixed(1).padStart(6) ?? "     –"} %`;
  console.log(
    `${window.padEnd(9)} module ${percent(module)}   PBX ${percent(pbx)}   phones ${percent(world)}   ` +
      `others ${percent(others)}   module's memory ${rssMb?.toFixed(0) ?? "–"} MB`,
  );
}

const round = (value: number | undefined): number | undefined =>
  value === undefined ? undefined : Math.round(value * 10) / 10;

const office = await openOffice({ version: 22, built: true });
try {
  await office.module.start();
  const ours = await withMitschnitt(office);
  await office.module.stop();
  console.log(`${ours.calls} calls recorded by Mitschnitt, every one whole; now by the dialplan`);
  const theirs = await withDialplan(office);
  console.log(
    JSON.stringify({
      calls: callCount,
      cpuPercentOfCore: round(ours.steady.module),
      cpuRenewed: round(ours.renewed.module),
      rssMb: round(ours.steady.rssMb),
      rssMbRenewed: round(ours.renewed.rssMb),
      cpuPbx: round(ours.steady.pbx),
      cpuPbxRenewed: round(ours.renewed.pbx),
      cpuPbxWithDialplan: round(theirs.steady.pbx),
      cpuPbxWithDialplanRenewed: round(theirs.renewed.pbx),
      cpuOthers: round(Math.max(ours.steady.others, ours.renewed.others, theirs.steady.others)),
    }),
  );
} finally {
  await office.stop();
}
