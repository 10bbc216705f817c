import { describeRandomCalls, plansFrom } from "../support/random-calls.ts";

for (const version of [22, 16] as const)
  describeRandomCalls("a hundred random calls", { version, plans: plansFrom(version * 1_000, 100) });
