// Which name the file gets at the target: the wished one, or the first with a number that no other file has. A file of
// the same content is the delivery itself, of an attempt that was killed before the journal knew.

import { transferError } from "./failures.ts";
import { mostNumberedNames, numberedName } from "./remote-name.ts";
import type { OutgoingFile } from "./target.ts";

/** What is under a name at the target. */
export interface Looks {
  /** Undefined where there is nothing; NaN where there is something that is not a file. */
  sizeOf(name: string): Promise<number | undefined>;
  /** SHA-256 of the content, hex. Asked only where the size is the same. */
  hashOf(name: string): Promise<string>;
}

export type FinalName =
  | { readonly kind: "free"; readonly name: string }
  | { readonly kind: "delivered"; readonly name: string };

export async function findFinalName(
  { name, sizeBytes, sha256 }: OutgoingFile,
  { sizeOf, hashOf }: Looks,
): Promise<FinalName> {
  for (let number = 1; number <= mostNumberedNames; number++) {
    const candidate = numberedName(name, number);
    const size = await sizeOf(candidate);
    if (size === undefined) return { kind: "free", name: candidate };
    if (size === sizeBytes && (await hashOf(candidate)) === sha256)
      return { kind: "delivered", name: candidate };
  }
  throw transferError("name-taken", `${name}: ${mostNumberedNames} other files have this name, numbered`);
}
