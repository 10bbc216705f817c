import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { cutOffText, timelineText } from "../../src/words/timeline-words.ts";
import { createWords, languages } from "../../src/words/words.ts";

const names = { recording: (id: string) => `no. ${id.length}`, call: (id: string) => id.slice(0, 4) };

/** The members of a union of the core, with the values that their comments promise. */
const membersOf = (file: string, type: string): readonly { member: string; params: readonly string[] }[] => {
  const source = readFileSync(join(import.meta.dirname, "../../src/core", file), "utf8");
  // Comments have semicolons as well; the union ends with the one behind its last member.
  const union = source.slice(source.indexOf(`export type ${type}`)).split(/(?<=");\n/)[0] ?? "";
  return [...union.matchAll(/(?:\/\*\*(.*?)\*\/\s*)?\| "([a-z-]+)"|= "([a-z-]+)"/gs)].map(
    ([, comment = "", first, second]) => ({
      member: first ?? second ?? "",
      params: [...comment.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ""),
    }),
  );
};

describe("timeline words", () => {
  for (const language of languages) {
    const words = createWords(language);

    it(`has a sentence in ${language} for every kind of entry, with all its values`, () => {
      const kinds = membersOf("timeline.ts", "TimelineKind");
      expect(kinds).to.have.length.greaterThan(10);
      for (const { member, params } of kinds) {
        expect(words.has(`timeline.${member}`), member).to.equal(true);
        const values = Object.fromEntries(params.map((name) => [name, `<${name}>`]));
        const sentence = timelineText(words, { kind: member, params: values }, names);
        expect(sentence, member).not.to.match(/\{\{/);
        for (const name of params.filter((param) => !["recording", "call", "offsetMs"].includes(param)))
          expect(sentence, member).to.contain(`<${name}>`);
      }
    });

    it(`has words in ${language} for every way in which a recording is cut off`, () => {
      const kinds = membersOf("outcome.ts", "CutOff").map(({ member }) => member);
      expect(kinds).to.have.members(["stuck", "forced", "pbx-gone"]);
      expect(kinds.filter((kind) => !words.has(`cut-off.${kind}`))).to.deep.equal([]);
    });

    it(`has a sentence in ${language} for every difference that the core can find`, () => {
      const kinds = membersOf("reconciliation.ts", "DifferenceKind");
      expect(kinds).to.have.length.greaterThan(6);
      for (const { member, params } of kinds) {
        expect(words.has(`difference.${member}`), member).to.equal(true);
        const sentence = words(
          `difference.${member}`,
          Object.fromEntries(params.map((name) => [name, `<${name}>`])),
        );
        for (const name of params) expect(sentence, member).to.contain(`<${name}>`);
      }
    });
  }

  it("names recordings and calls as the reader knows them, and lengths as he reads them", () => {
    const words = createWords("en");
    const entry = { kind: "recording", params: { recording: "abc", offsetMs: 67_000 } };
    expect(timelineText(words, entry, names)).to.equal(
      "recording no. 3 is running, in the file from 1:07 on",
    );
    expect(timelineText(words, { kind: "merged", params: { call: "0123456789" } }, names)).to.equal(
      "merged with call 0123",
    );
    const freed = { kind: "freed", params: { recording: "a", cutOff: "pbx-gone" } };
    expect(timelineText(words, freed, names)).to.contain("the PBX ended without closing the file");
  });

  it("shows what another version wrote as it is", () => {
    expect(timelineText(createWords("de"), { kind: "beamed", params: {} }, names)).to.equal("beamed");
    expect(cutOffText(createWords("de"), "melted")).to.equal("melted");
  });
});
