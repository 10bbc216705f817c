// `mitschnitt start`: runs the module in the foreground until it is told to end.

import type { Command } from "commander";
import { refuseRootOnForeignData } from "../data-account.ts";
import { startModule } from "../main.ts";
import type { CommandContext } from "./command-context.ts";

export function registerStartCommand(program: Command, { environment, out }: CommandContext): void {
  program
    .command("start")
    .description("run the module in the foreground; SIGTERM or Ctrl-C ends it, recordings go on in the PBX")
    .action(async () => {
      await refuseRootOnForeignData(environment.dataFolder);
      const module = await startModule(environment);
      if (module.firstUser !== undefined) {
        out(`First login at ${module.address}: ${module.firstUser.name} / ${module.firstUser.password}`);
        out("This password is shown only once.");
      }
      const signal = await endSignal();
      await module.stop();
      // A second one while stopping has ended the process the hard way already.
      if (signal !== undefined) process.exitCode = 0;
    });
}

const endSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve(signal));
  });
