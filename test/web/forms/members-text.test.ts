import { expect } from "chai";
import fc from "fast-check";
import type { Member } from "../../../src/core/rule.ts";
import { membersText, parseMembers } from "../../../src/web/forms/members-text.ts";

const membersOf = (text: string): readonly Member[] => {
  const parsed = parseMembers(text);
  return "members" in parsed ? parsed.members : expect.fail(JSON.stringify(parsed.problems));
};
const problemsOf = (text: string): readonly unknown[] => {
  const parsed = parseMembers(text);
  return "problems" in parsed ? parsed.problems : expect.fail(JSON.stringify(parsed.members));
};
const anna: Member = { extension: "10", name: "Anna Adler", endpoints: ["PJSIP/anna", "SIP/anna2"] };

describe("members as text", () => {
  it("takes a lone extension for its PJSIP endpoint", () => {
    expect(membersOf("10")).to.deep.equal([{ extension: "10", name: "", endpoints: ["PJSIP/10"] }]);
    expect(membersOf("10 (Anna Adler)")).to.deep.equal([
      { extension: "10", name: "Anna Adler", endpoints: ["PJSIP/10"] },
    ]);
  });

  for (const line of [
    "10 = PJSIP/anna, SIP/anna2 (Anna Adler)",
    "10=PJSIP/anna,SIP/anna2(Anna Adler)",
    "  10 : PJSIP/anna ; SIP/anna2   ( Anna Adler )  ",
    "10 PJSIP/anna SIP/anna2 (Anna Adler)",
  ])
    it(`understands ${JSON.stringify(line)}`, () => {
      expect(membersOf(line)).to.deep.equal([anna]);
    });

  it("leaves out empty lines and counts them all the same", () => {
    expect(membersOf("\r\n10\r\n\r\n12\r\n")).to.have.length(2);
    expect(problemsOf("\n10\n\nAnna\n")).to.deep.equal([
      { line: 4, problem: { kind: "extension", value: "Anna" } },
    ]);
  });

  it("keeps parentheses within a name", () => {
    expect(membersOf("10 (Anna (Vertrieb) Adler)")[0]?.name).to.equal("Anna (Vertrieb) Adler");
  });

  it("names what it cannot take", () => {
    expect(problemsOf("Anna = 10")).to.deep.equal([
      { line: 1, problem: { kind: "extension", value: "Anna = 10" } },
    ]);
    expect(problemsOf("10 = anna")).to.deep.equal([
      { line: 1, problem: { kind: "endpoint", value: "anna" } },
    ]);
    expect(problemsOf("10 =")).to.deep.equal([{ line: 1, problem: { kind: "no-endpoint" } }]);
    expect(problemsOf("10 = PJSIP/a|b")).to.deep.equal([
      { line: 1, problem: { kind: "endpoint", value: "PJSIP/a|b" } },
    ]);
    expect(problemsOf("10 (A\u0007B)")).to.deep.equal([
      { line: 1, problem: { kind: "name", value: "A\u0007B" } },
    ]);
    expect(problemsOf(`10 = ${Array.from({ length: 11 }, (_, i) => `SIP/${i}`).join()}`)).to.deep.equal([
      { line: 1, problem: { kind: "endpoints-many" } },
    ]);
  });

  it("wants each extension and each endpoint once", () => {
    expect(problemsOf("10\n12\n10")).to.deep.equal([
      { line: 3, problem: { kind: "twice", value: "10", first: 1 } },
    ]);
    expect(problemsOf("10 = SIP/x\n12 = SIP/x")).to.deep.equal([
      { line: 2, problem: { kind: "endpoint-twice", value: "SIP/x", first: 1 } },
    ]);
  });

  it("tells all problems at once, but not thousands", () => {
    expect(problemsOf("a\n10\nb")).to.have.length(2);
    expect(problemsOf("x\n".repeat(500))).to.have.length(10);
  });

  it("takes 2000 members and no more", () => {
    const lines = (count: number): string =>
      Array.from({ length: count }, (_, i) => String(1000 + i)).join("\n");
    expect(membersOf(lines(2000))).to.have.length(2000);
    expect(problemsOf(lines(2001))).to.deep.equal([{ line: undefined, problem: { kind: "members-many" } }]);
  });

  it("reads back what it wrote", () => {
    const extension = fc.stringMatching(/^[0-9*#+]{1,20}$/);
    const name = fc.stringMatching(/^[A-Za-zäöüß&,.;:'"<>$()][A-Za-zäöüß &,.;:'"<>$()]{0,20}[a-z)]$/);
    const endpoint = fc.stringMatching(/^[A-Z]{3,5}\/[A-Za-z0-9_.+-]{1,12}$/);
    const member = fc.record({
      extension,
      name: fc.oneof(fc.constant(""), name),
      endpoints: fc.uniqueArray(endpoint, { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(member, (one) => {
        expect(membersOf(membersText([one]))).to.deep.equal([one]);
      }),
    );
  });
});
