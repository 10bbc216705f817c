// Passwords, one file each in secrets/ (0600, folder 0700), so that the settings can be shown, copied and backed up.

import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { SettingsError } from "../core/errors.ts";
import { writeDurably } from "../files/durable-file.ts";

export interface Secrets {
  get(name: string): string | undefined;
  set(name: string, value: string): Promise<void>;
  remove(name: string): Promise<void>;
}

export const amiSecretName = "ami";
export const targetSecretName = (targetId: string): string => `target-${targetId}`;

/** 192 random bits in letters and digits that no configuration file has to quote. */
export const randomSecret = (): string => randomBytes(24).toString("base64url");

export function openSecrets(folder: string): Secrets {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pathOf = (name: string): string => {
    if (!/^[a-z0-9-]{1,64}$/.test(name))
      throw new SettingsError(`secret name: expected 1–64 of a–z, 0–9 and -, got "${name}"`, {
        code: "secret-name",
        hint: "This is a fault in the program, please report it.",
        permanent: true,
      });
    return join(folder, name);
  };
  return {
    get(name) {
      try {
        return readFileSync(pathOf(name), "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    async set(name, value) {
      await writeDurably(pathOf(name), value, 0o600);
    },
    async remove(name) {
      await unlink(pathOf(name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "ENOENT") throw error;
      });
    },
  };
}
