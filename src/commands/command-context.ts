// What every command is handed.

import type { Environment } from "../environment.ts";

export interface CommandContext {
  readonly environment: Environment;
  /** Writes one line to standard output. */
  readonly out: (text: string) => void;
}
