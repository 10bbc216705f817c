import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect } from "chai";

// Who may import whom, folder by folder below src/. `files` and `words` are leaves that everybody but core may use.
const table: Readonly<Record<string, readonly string[]>> = {
  core: ["core"],
  files: ["files"],
  words: ["core", "words"],
  settings: ["core", "files", "settings"],
  pbx: ["core", "files", "pbx"],
  spool: ["core", "files", "spool"],
  journal: ["core", "files", "spool", "journal"],
  recording: ["core", "files", "pbx", "spool", "journal", "recording"],
  transfer: ["core", "files", "settings", "spool", "journal", "transfer"],
  report: ["core", "files", "words", "journal", "report"],
  cdr: ["core", "cdr"],
  ledger: ["core", "settings", "cdr", "journal", "ledger"],
  module: ["core", "files", "settings", "module"],
  web: ["core", "files", "words", "settings", "spool", "journal", "report", "web"],
  commands: [
    "core",
    "files",
    "words",
    "settings",
    "cdr",
    "journal",
    "ledger",
    "report",
    "module",
    "commands",
    "",
  ],
};

/** Folders whose files must run without a clock, a disk, a network or chance. */
const pure = ["core"];

const root = resolve(import.meta.dirname, "../src");
const sources = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".ts"),
);
const importsOf = (path: string): string[] =>
  [...readFileSync(join(root, path), "utf8").matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(
    (match) => match[1] ?? "",
  );
const folderOf = (path: string): string => (path.includes("/") ? (path.split("/")[0] ?? "") : "");

describe("import table", () => {
  it("lists every folder below src", () => {
    expect(
      [...new Set(sources.map(folderOf))].filter((folder) => folder !== "" && !(folder in table)),
    ).to.deep.equal([]);
  });

  it("is kept by every import", () => {
    const broken = sources.flatMap((path) => {
      const allowed = table[folderOf(path)];
      if (allowed === undefined) return [];
      return importsOf(path)
        .filter((target) => target.startsWith("."))
        .map((target) => relative(root, resolve(root, dirname(path), target)))
        .filter((target) => !allowed.includes(folderOf(target)))
        .map((target) => `${path} → ${target}`);
    });
    expect(broken).to.deep.equal([]);
  });

  it("keeps the core pure", () => {
    const impure = sources
      .filter((path) => pure.includes(folderOf(path)))
      .filter((path) => {
        const code = readFileSync(join(root, path), "utf8");
        return /Date\.now\(|new Date\(\)|Math\.random\(|\bawait\b|setTimeout|"node:|\bprocess\.[a-z]/.test(
          code,
        );
      });
    expect(impure).to.deep.equal([]);
  });

  it("has one file that knows ami-io", () => {
    const knowing = sources.filter((path) => importsOf(path).some((target) => target.startsWith("ami-io")));
    expect(knowing).to.deep.equal(["pbx/ami-client.ts"]);
  });
});
