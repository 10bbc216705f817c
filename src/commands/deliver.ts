// `mitschnitt deliver`: sends what waits now, whatever the schedule.

import type { Command } from "commander";
import type { CommandContext } from "./command-context.ts";
import { control } from "./control.ts";

export function registerDeliverCommand(program: Command, { environment, out }: CommandContext): void {
  program
    .command("deliver")
    .description("deliver what waits now, whatever the schedule says")
    .argument("[target]", "only to the target with this id")
    .action(async (targetId: string | undefined) => {
      await control(environment, "POST", "deliver", targetId === undefined ? {} : { targetId });
      out("Delivery has begun; `mitschnitt status` shows what is left.");
    });
}
