import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { createWords, languages } from "../../src/words/words.ts";

const root = join(import.meta.dirname, "../..");

const keysOf = (value: unknown, prefix = ""): string[] =>
  typeof value === "object" && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => keysOf(inner, prefix === "" ? key : `${prefix}.${key}`))
    : [prefix];

const catalogue = (language: string): unknown =>
  JSON.parse(readFileSync(join(root, `locales/${language}.json`), "utf8"));

const textAt = (value: unknown, key: string): unknown =>
  key
    .split(".")
    .reduce<unknown>(
      (inner, part) =>
        typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[part] : undefined,
      value,
    );

const sourcesUnder = (folder: string, extension: string): { file: string; text: string }[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ file, text: readFileSync(file, "utf8") }));

describe("words", () => {
  it("has the same keys in German and in English", () => {
    expect(keysOf(catalogue("de"))).to.deep.equal(keysOf(catalogue("en")));
  });

  it("fills in the same values in German and in English", () => {
    const params = (text: unknown): string[] =>
      [...String(text).matchAll(/\{\{(\w+)/g)].map((match) => match[1] ?? "").sort();
    for (const key of keysOf(catalogue("de"))) {
      const [german, english] = languages.map((language) => params(textAt(catalogue(language), key)));
      expect(german, key).to.deep.equal(english);
    }
  });

  it("never raises its voice", () => {
    for (const language of languages)
      for (const key of keysOf(catalogue(language)))
        expect(textAt(catalogue(language), key), `${language} ${key}`).not.to.match(/!/);
  });

  it("has words for every key that a page or a source file names", () => {
    const words = createWords("en");
    const keys = keysOf(catalogue("en"));
    let seen = 0;
    for (const { file, text } of [...sourcesUnder("views", ".ejs"), ...sourcesUnder("src", ".ts")])
      for (const [, key = "", after = ""] of text.matchAll(
        /\b(?:t|words)\(\s*["'`]([a-z0-9.-]+)(\$\{|["'`]\s*\+|["'`])/g,
      )) {
        seen += 1;
        const isWhole = /^["'`]$/.test(after);
        const known = isWhole ? words.has(key) : keys.some((other) => other.startsWith(key));
        expect(known, `${file}: ${key}`).to.equal(true);
      }
    expect(seen).to.be.greaterThan(100);
  });

  it("chooses the form that fits the number, and writes numbers as the reader does", () => {
    const [german, english] = [createWords("de"), createWords("en")];
    expect(german("sentence.now", { count: 1 })).to.equal("1 Gespräch wird gerade aufgezeichnet");
    expect(german("sentence.now", { count: 1234 })).to.equal("1.234 Gespräche werden gerade aufgezeichnet");
    expect(english("sentence.now", { count: 0 })).to.equal("no call is being recorded");
    expect(english("sentence.now", { count: 1234 })).to.equal("1,234 calls are being recorded");
  });

  it("takes values as they are, also those that look like its own syntax", () => {
    const hostile = "$t(app.name) {{outcome}} <b> lng";
    expect(createWords("en")("reason.by-rule", { rule: hostile, lng: "de", defaultValue: "x" })).to.equal(
      `by rule “${hostile}”`,
    );
  });

  it("knows what it has words for", () => {
    const words = createWords("de");
    expect(words.has("duration.days")).to.equal(true);
    expect(words.has("outcome.recorded")).to.equal(true);
    expect(words.has("outcome")).to.equal(false);
    expect(words.has("outcome.never")).to.equal(false);
  });
});
