import { describeRandomCalls, plansFrom } from "../support/random-calls.ts";

/** Long talks, so that many an absence falls into one and nothing is excused. */
const pace = 3;

for (const version of [22, 16] as const)
  describeRandomCalls("random calls while the module is killed again and again", {
    version,
    plans: plansFrom(version * 1_000 + 500, 24, pace),
    killedBySeed: version,
  });
