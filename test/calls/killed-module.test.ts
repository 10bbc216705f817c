import { describeRandomCalls, plansFrom } from "../support/random-calls.ts";

for (const version of [22, 16] as const)
  describeRandomCalls("random calls while the module is killed again and again", {
    version,
    plans: plansFrom(version * 1_000 + 500, 24),
    killedBySeed: version,
  });
