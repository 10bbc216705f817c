// Suites of random calls: each call is a test with its plan in the title, several go on at once. A single one is run
// again by its seed: `CALLS_SEED=7 CALLS_VERSION=22 npm run test:calls`.

import { expect } from "chai";
import type { Verdict } from "../../lab/calls/batch.ts";
import { createChance } from "../../lab/calls/chance.ts";
import { type Exchange, openExchange, ROOMS } from "../../lab/calls/exchange.ts";
import { type CallPlan, describePlan } from "../../lab/calls/plan.ts";
import { planCall } from "../../lab/calls/plan-call.ts";
import { describeFinding } from "../../lab/calls/verdict.ts";

export interface RandomCalls {
  readonly version: 22 | 16;
  readonly plans: readonly CallPlan[];
  /** The module is killed and started again all the time; the moments come from this seed. */
  readonly killedBySeed?: number;
}

const { CALLS_SEED: wantedSeed, CALLS_VERSION: wantedVersion } = process.env;

/** Seeds in a row, or the one that is wanted. */
export function plansFrom(firstSeed: number, count: number, pace?: number): CallPlan[] {
  if (wantedSeed !== undefined) return [planCall(seedOf(wantedSeed), pace)];
  return Array.from({ length: count }, (_, index) => planCall(firstSeed + index, pace));
}

function seedOf(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new RangeError(`CALLS_SEED: expected a whole number, got ${JSON.stringify(text)}`);
}

export function describeRandomCalls(title: string, { version, plans, killedBySeed }: RandomCalls): void {
  if (wantedVersion !== undefined && wantedVersion !== String(version)) return;
  describe(`${title} on Asterisk ${version}`, function () {
    this.timeout(120_000);
    let exchange: Exchange;
    const chance = killedBySeed === undefined ? undefined : createChance(killedBySeed);

    before(async function () {
      this.timeout(300_000);
      exchange = await openExchange({ version });
      await exchange.office.module.start();
    });
    after(() => exchange?.stop());

    for (let first = 0; first < plans.length; first += ROOMS.length) {
      const together = plans.slice(first, first + ROOMS.length);
      describe(`${together.length} at once`, () => {
        let verdicts: Verdict[] = [];
        before(async () => {
          verdicts = await exchange.batch(together, chance === undefined ? {} : { chance });
        });
        for (const [index, plan] of together.entries())
          it(`keeps what was due, and nothing else, of ${describePlan(plan)}`, () => {
            const verdict = verdicts[index];
            expect(verdict?.failure, "what the phones could not do").to.equal(undefined);
            expect(verdict?.faults.map(describeFinding)).to.eql([]);
          });
      });
    }

    // A suite of its own, since the tests of a suite come before the suites in it.
    describe("when all calls are over", () => {
      it("closes the books: one outcome a call, nothing open, all delivered as it was finished", async () => {
        expect(await exchange.ledgerProblems()).to.eql([]);
      });
    });
  });
}
