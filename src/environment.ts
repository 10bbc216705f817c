// What the environment says: where the data is, where the pages are served, how much is logged.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { SettingsError } from "./core/errors.ts";

export interface Environment {
  /** Absolute. */
  readonly dataFolder: string;
  readonly http: { readonly host: string; readonly port: number };
  readonly logLevel: "trace" | "debug" | "info" | "warn" | "error" | "silent";
}

const installedDataFolder = "/var/lib/mitschnitt";

const schema = z.object({
  MITSCHNITT_DATA: z.string().min(1).optional(),
  MITSCHNITT_HTTP: z
    .string()
    .regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, "expected HOST:PORT, as in 127.0.0.1:8090")
    .default("127.0.0.1:8090"),
  MITSCHNITT_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error", "silent"]).default("info"),
});

/** Throws SettingsError `bad-environment` that names every bad variable. */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const result = schema.safeParse(variables);
  if (!result.success) {
    const fields = result.error.issues.map((issue) => ({
      path: issue.path.join("."),
      message: `${issue.message}, got ${JSON.stringify(variables[String(issue.path[0])])}`,
    }));
    throw new SettingsError(fields.map((field) => `${field.path}: ${field.message}`).join("; "), {
      code: "bad-environment",
      hint: "Correct the environment variable, or leave it out.",
      permanent: true,
      fields,
    });
  }
  const { MITSCHNITT_DATA, MITSCHNITT_HTTP, MITSCHNITT_LOG_LEVEL } = result.data;
  const colon = MITSCHNITT_HTTP.lastIndexOf(":");
  return {
    dataFolder: resolve(MITSCHNITT_DATA ?? (existsSync(installedDataFolder) ? installedDataFolder : "data")),
    http: {
      host: MITSCHNITT_HTTP.slice(0, colon).replace(/^\[|\]$/g, ""),
      port: Number(MITSCHNITT_HTTP.slice(colon + 1)),
    },
    logLevel: MITSCHNITT_LOG_LEVEL,
  };
}
