// Reads Asterisk's configuration files far enough to find a value: sections, templates, additions, includes. The
// installer asks it where things are and whether a name is taken; it never writes through it.

import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";

export interface ConfigSection {
  readonly name: string;
  /** The file that the section stands in. */
  readonly file: string;
  /** `[name](!)`: only there to be inherited from; Asterisk itself does not see it. */
  readonly template: boolean;
  readonly values: readonly (readonly [key: string, value: string])[];
}

/** As Asterisk: an include within an include, but not for ever. */
const maxIncludeDepth = 10;

/** Sections of a file and of what it includes, in order. Undefined where the file does not exist. Includes are relative to `etcDir`. */
export async function readConfig(
  path: string,
  etcDir: string,
): Promise<readonly ConfigSection[] | undefined> {
  const lines = await readLines(path, etcDir, 0);
  return lines && sectionsOf(lines);
}

/** The last value of a key, as most of Asterisk's loaders have it: sections of one name follow each other. */
export function configValue(
  sections: readonly ConfigSection[],
  section: string,
  key: string,
): string | undefined {
  let found: string | undefined;
  for (const { name, template, values } of sections) {
    if (template || name.toLowerCase() !== section) continue;
    for (const [k, value] of values) if (k.toLowerCase() === key) found = value;
  }
  return found;
}

interface Line {
  readonly file: string;
  readonly text: string;
}

async function readLines(path: string, etcDir: string, depth: number): Promise<readonly Line[] | undefined> {
  let text: string;
  try {
    // latin1 reads any bytes; what we look for is ASCII.
    text = await readFile(path, "latin1");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const lines: Line[] = [];
  for (const line of withoutComments(text)) {
    const include = /^#(?:try)?include\s+(?:"([^"]+)"|<([^>]+)>|(\S+))/.exec(line);
    const name = include?.[1] ?? include?.[2] ?? include?.[3];
    if (name === undefined) lines.push({ file: path, text: line });
    // A pattern such as `conf.d/*.conf` matches no file by that name and is passed over.
    else if (depth < maxIncludeDepth) {
      const included = await readLines(isAbsolute(name) ? name : join(etcDir, name), etcDir, depth + 1);
      lines.push(...(included ?? []));
    }
  }
  return lines;
}

function* withoutComments(text: string): Generator<string> {
  const withoutBlocks = text.replace(/^\xef\xbb\xbf/, "").replace(/;--(?!-)[\s\S]*?(?:--;|$)/g, "");
  for (const line of withoutBlocks.split("\n")) {
    const trimmed = line
      .replace(/(?<!\\);.*$/, "")
      .replaceAll("\\;", ";")
      .trim();
    if (trimmed !== "") yield trimmed;
  }
}

function sectionsOf(lines: readonly Line[]): readonly ConfigSection[] {
  const sections: { name: string; file: string; template: boolean; values: [string, string][] }[] = [];
  for (const { file, text } of lines) {
    const heading = /^\[([^\]]+)\]\s*(?:\(([^)]*)\))?/.exec(text);
    if (heading?.[1] !== undefined) {
      const options = (heading[2] ?? "").split(",").map((option) => option.trim());
      const inherited = sections.filter(({ name }) => options.includes(name)).flatMap(({ values }) => values);
      sections.push({ name: heading[1], file, template: options.includes("!"), values: [...inherited] });
      continue;
    }
    const assignment = /^([^=]+?)\s*=>?\s*(.*)$/.exec(text);
    if (assignment?.[1] !== undefined) sections.at(-1)?.values.push([assignment[1], assignment[2] ?? ""]);
  }
  return sections;
}
