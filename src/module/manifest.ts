// module.json: what a PBX's module installer, and ours, has to know before anything of the module runs.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { InstallError } from "../core/errors.ts";

const words = z.strictObject({ de: z.string().min(1), en: z.string().min(1) });
const id = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
const relativePath = z.string().regex(/^(?!.*(^|\/)\.\.(\/|$))[A-Za-z0-9._-]+(\/[A-Za-z0-9._-]+)*$/);

const manifestSchema = z.strictObject({
  id,
  name: words,
  description: words,
  version: z.string().regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/),
  vendor: z.string().min(1),
  licence: z.string().min(1),
  type: z.literal("call-recording"),
  compatibility: z.strictObject({
    /** The oldest major version. */
    asterisk: z.number().int().min(1),
    node: z.string().min(1),
    asteriskModules: z.array(z.string().regex(/^[a-z0-9_]+\.so$/)),
  }),
  runtime: z.strictObject({
    entry: relativePath,
    arguments: z.array(z.string()),
    health: z.string().startsWith("/"),
  }),
  pages: z.array(z.strictObject({ path: z.string().startsWith("/"), name: words })),
  dialplan: z.strictObject({ file: relativePath, contexts: z.array(id).min(1) }),
  ami: z.strictObject({ user: id, read: z.array(id), write: z.array(id) }),
  schedules: z.array(z.strictObject({ id, name: words, setting: z.string().min(1) })),
  storage: z.strictObject({
    dataDir: z.string().startsWith("/"),
    sharedWithAsterisk: z.array(relativePath),
    private: z.array(relativePath),
  }),
});

export type Manifest = z.output<typeof manifestSchema>;

/** The same from src/module and from dist/module: two folders up. */
const packageRoot = new URL("../../", import.meta.url);

/** Absolute path of a file that is shipped with the module. */
export const packageFile = (relative: string): string => fileURLToPath(new URL(relative, packageRoot));

/** Throws `manifest-invalid`: the package is incomplete or was changed. */
export async function readManifest(path = packageFile("module.json")): Promise<Manifest> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch (cause) {
    const why = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new InstallError(`${path}: ${why}`, {
      code: "manifest-invalid",
      hint: "Unpack the module again.",
      permanent: true,
      cause,
    });
  }
}
