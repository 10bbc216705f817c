import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { reason } from "../../src/core/reason.ts";
import { transferFailureCodes } from "../../src/transfer/failures.ts";
import { conditionText, outcomeText, reasonText, storedReason } from "../../src/words/reason-words.ts";
import { createWords, languages } from "../../src/words/words.ts";

const reasonCodes = (): string[] => {
  const source = readFileSync(join(import.meta.dirname, "../../src/core/reason.ts"), "utf8");
  const union = source.slice(source.indexOf("export type ReasonCode"), source.indexOf("export interface"));
  return [...union.matchAll(/\| "([a-z-]+)"/g)].map((match) => match[1] ?? "");
};

describe("reason words", () => {
  for (const language of languages)
    it(`has a sentence in ${language} for every reason that the core can give`, () => {
      const words = createWords(language);
      expect(reasonCodes()).to.have.length.greaterThan(10);
      expect(reasonCodes().filter((code) => !words.has(`reason.${code}`))).to.deep.equal([]);
    });

  for (const language of languages)
    it(`has a sentence and a hint in ${language} for every way in which PBX and targets fail`, () => {
      const words = createWords(language);
      const source = readFileSync(join(import.meta.dirname, "../../src/pbx/connection-error.ts"), "utf8");
      const pbxCodes = [...source.matchAll(/code: "([a-z-]+)"/g)].map((match) => match[1] ?? "");
      expect(pbxCodes).to.have.length.greaterThan(8);
      const codes = [...pbxCodes, ...transferFailureCodes].filter((code) => code !== "pbx-not-connected");
      const without = codes.filter(
        (code) => !words.has(`condition.${code}.message`) || !words.has(`condition.${code}.hint`),
      );
      expect(without).to.deep.equal([]);
    });

  it("says outcome and reason in one sentence", () => {
    const why = reason("direction-off", { rule: "Vertrieb", direction: "internal" });
    expect(outcomeText(createWords("de"), "not-due", why)).to.equal(
      "nicht fällig: die Regel „Vertrieb“ zeichnet interne Gespräche nicht auf",
    );
    expect(outcomeText(createWords("en"), "not-due", why)).to.equal(
      "not due: rule “Vertrieb” does not record internal calls",
    );
  });

  it("says the outcome alone where no reason is known", () => {
    expect(outcomeText(createWords("de"), "declined", undefined)).to.equal("abgelehnt");
  });

  it("shows a code of another version as it is", () => {
    const stored = storedReason("from-the-future", '{"rule":"x"}');
    expect(stored && reasonText(createWords("en"), stored)).to.equal("from-the-future");
  });

  it("reads what the journal keeps, and leaves out what is no plain value", () => {
    expect(storedReason(null, null)).to.equal(undefined);
    expect(storedReason("busy", null)).to.deep.equal({ code: "busy", params: {} });
    expect(storedReason("busy", "{broken")).to.deep.equal({ code: "busy", params: {} });
    expect(storedReason("by-rule", '{"rule":"Sales","x":{"y":1},"n":3}')).to.deep.equal({
      code: "by-rule",
      params: { rule: "Sales", n: 3 },
    });
  });

  it("says a known condition in the reader's language and keeps its own message as detail", () => {
    const condition = {
      code: "pbx-unreachable",
      message: "AMI 10.0.0.1:5038: ECONNREFUSED",
      hint: "Is it on?",
    };
    const text = conditionText(createWords("de"), condition);
    expect(text.message).to.equal("Die Telefonanlage antwortet nicht.");
    expect(text.detail).to.equal(condition.message);
  });

  it("leaves an unknown condition its own words", () => {
    const condition = { code: "brand-new", message: "Something is odd.", hint: "Look." };
    expect(conditionText(createWords("de"), condition)).to.deep.equal({
      message: "Something is odd.",
      hint: "Look.",
      detail: undefined,
    });
  });
});
