import { expect } from "chai";
import { nameText, numberText } from "../../src/pbx/caller-text.ts";

describe("text of a caller", () => {
  const names: readonly (readonly [what: string, inAmi: string, shown: string])[] = [
    ["a plain name", "Jürgen Groß", "Jürgen Groß"],
    [
      "AMI's escapes and the quoted pairs of SIP",
      String.raw`O\'Brien \\\"x\\\" \\\\o/`,
      String.raw`O'Brien "x" \o/`,
    ],
    ["a name of the PBX's own, without quoted pairs", String.raw`Alice \"A\" \?`, 'Alice "A" ?'],
    [
      "what a shell or a page would obey",
      '\\\\\\"$(touch x)`;,.. /<script>\\\\\\"',
      '"$(touch x)`;,.. /<script>"',
    ],
    ["line breaks and other control characters", String.raw`a\r\nb\tc${"\x01\x7f\x85"}d`, "a b c d"],
    ["marks that turn the direction of reading", "abc\u202efdp.exe\u2028x", "abc fdp.exe x"],
    ["half a character at the end, where Asterisk has cut", "Groß\ufffd", "Groß"],
    ["a lone backslash at the end", "a\\", "a\\"],
  ];
  for (const [what, inAmi, shown] of names) {
    it(`shows ${what}`, () => expect(nameText(inAmi)).to.equal(shown));
  }

  it("is of bounded length, and no character is cut in two", () => {
    expect(nameText("😀".repeat(500))).to.equal("😀".repeat(80));
    expect(numberText("1".repeat(500))).to.equal("1".repeat(80));
  });

  it("ends a number at its first control character", () => {
    for (const end of ["\r\nUniqueid: 6.6", "\n", "\t1", "\0x", "\x7f", "\x85"])
      expect(numberText(`+49 30${end}`)).to.equal("+49 30");
  });
});
