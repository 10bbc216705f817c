import { planCall } from "../../lab/calls/plan-call.ts";
import { describeRandomCalls } from "../support/random-calls.ts";

/** Together they begin and move calls in every way that there is. */
const seeds = [33, 34, 227, 92, 20, 189, 18, 2, 4, 27, 29, 30, 41, 59, 67, 89];

for (const version of [22, 16] as const)
  describeRandomCalls("random calls", { version, plans: seeds.map((seed) => planCall(seed)) });
