// Many calls at once for bench:load: all by the trunk to one phone, each caller with a voice by which his recording can
// be told. They last until somebody ends them.

import { setTimeout as sleep } from "node:timers/promises";
import type { Lab, LabCall } from "../lab/lab.ts";

export const calledHz = 1000;
/** Multiples of 50 Hz: in the 20 ms by which tones are looked for, none of them is taken for another. */
export const callerTones = [400, 500, 600, 700, 800, 1300, 1400, 1500, 1600, 1700] as const;

/** Far above any measurement; the phones would hang up after two minutes otherwise. */
const lastsMs = 15 * 60_000;
const startEveryMs = 100;

/** The caller's number tells his tone. */
const numberOf = (toneHz: number): string => `030${toneHz}`;
export const callerHzOf = (number: string): number => Number(number.slice("030".length));

export interface Crowd {
  /** Until that many calls go on, ten a second. */
  fill(count: number): Promise<void>;
  /** Ends the oldest call and begins another one, again and again. */
  renew(everyMs: number, forMs: number): Promise<void>;
  /** How many calls there have been. */
  placed(): number;
  end(): Promise<void>;
}

export function createCrowd(lab: Lab, number: string): Crowd {
  const going: LabCall[] = [];
  let placed = 0;

  const begin = async (): Promise<void> => {
    const toneHz = callerTones[placed % callerTones.length] ?? callerTones[0];
    placed++;
    const call = await lab.call({
      from: "trunk",
      to: number,
      callerNumber: numberOf(toneHz),
      plays: `tone${toneHz}`,
      hangUpAfterMs: lastsMs,
    });
    going.push(call);
    if (!(await call.answered())) throw new Error("a call was not answered");
  };

  return {
    async fill(count) {
      await lab.phone("alice", { answerAfterMs: 100, plays: `tone${calledHz}`, hangUpAfterMs: lastsMs });
      const begun: Promise<void>[] = [];
      for (let call = 0; call < count; call++) {
        begun.push(begin());
        await sleep(startEveryMs);
      }
      await Promise.all(begun);
    },
    async renew(everyMs, forMs) {
      const since = performance.now();
      for (let turn = 1; turn * everyMs <= forMs; turn++) {
        await Promise.all([going.shift()?.hangUp(), begin()]);
        await sleep(Math.max(0, since + turn * everyMs - performance.now()));
      }
    },
    placed: () => placed,
    async end() {
      for (const call of going.splice(0)) await call.hangUp();
    },
  };
}
