// A target whose answers a test decides, one by one: for faults that no real target can be made to have.

import { setTimeout as sleep } from "node:timers/promises";
import { type TransferFailureCode, transferError } from "../../src/transfer/failures.ts";
import type { Delivery, OutgoingFile, SendContext, Target } from "../../src/transfer/target.ts";

export interface FakeTarget extends Target {
  /** What it was asked to send, in order. */
  readonly sent: { readonly recordingId: string; readonly attempt: number }[];
  readonly atOnce: { now: number; most: number };
  answer: (file: OutgoingFile, context: SendContext) => Promise<Delivery>;
}

export const delivers = async (file: OutgoingFile): Promise<Delivery> => ({
  remoteName: file.name,
  verifiedBy: "size",
});

export const failsWith = (code: TransferFailureCode) => async (): Promise<Delivery> => {
  throw transferError(code, `fake: ${code}`);
};

/** Waits until it is aborted, as a good target does. */
export const hangsUntilAborted = (_file: OutgoingFile, { signal }: SendContext): Promise<Delivery> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

export const slowly =
  (ms: number) =>
  async (file: OutgoingFile): Promise<Delivery> => {
    await sleep(ms);
    return delivers(file);
  };

export function createFakeTarget(id = "nas", answer: FakeTarget["answer"] = delivers): FakeTarget {
  const target: FakeTarget = {
    id,
    kind: "fake",
    sent: [],
    atOnce: { now: 0, most: 0 },
    answer,
    async send(file, context) {
      target.sent.push({ recordingId: file.recordingId, attempt: context.attempt });
      target.atOnce.now += 1;
      target.atOnce.most = Math.max(target.atOnce.most, target.atOnce.now);
      try {
        return await target.answer(file, context);
      } finally {
        target.atOnce.now -= 1;
      }
    },
  };
  return target;
}
