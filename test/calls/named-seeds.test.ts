import { planCall } from "../../lab/calls/plan-call.ts";
import { describeRandomCalls } from "../support/random-calls.ts";
import { namedSeeds } from "./named-seeds.ts";

for (const version of [22, 16] as const)
  describeRandomCalls("calls that went wrong once", {
    version,
    plans: namedSeeds.map(({ seed }) => planCall(seed)),
  });
