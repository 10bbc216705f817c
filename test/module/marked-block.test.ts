import { expect } from "chai";
import fc from "fast-check";
import { InstallError } from "../../src/core/errors.ts";
import { withBlock, withoutBlock } from "../../src/module/marked-block.ts";

const block = { name: "mitschnitt", lines: ['#include "mitschnitt-manager.conf"'] };
const add = (before: Buffer | undefined) => withBlock(before, block, "manager.conf");
const takeOut = (before: Buffer | undefined) => withoutBlock(before, block.name, "manager.conf");
const bytes = (text: string) => Buffer.from(text, "latin1");

describe("marked block", () => {
  for (const [what, text] of [
    ["an ordinary file", "[general]\nenabled = yes\n"],
    ["a file whose last line has no end", "[general]\nenabled = yes"],
    ["a file with Windows line ends", "[general]\r\nenabled = yes\r\n"],
    ["a file with mixed line ends", "[general]\r\nenabled = yes\nport = 5038\r"],
    ["an empty file", ""],
    ["a file of line ends only", "\n\r\n\n"],
    ["a byte order mark", "\xef\xbb\xbf[general]\n"],
    ["a byte order mark and nothing else", "\xef\xbb\xbf"],
    ["bytes that are no UTF-8", "[general]\n; gr\xfc\xdfe \x80\x00\xff\n"],
    ["a comment that is never closed", "[general]\n;-- to be continued"],
  ] as const)
    it(`leaves the very same bytes of ${what}`, () => {
      const before = bytes(text);
      const installed = add(before);
      expect(installed.toString("latin1")).to.include(block.lines[0]);
      expect(takeOut(installed).bytes?.equals(before)).to.equal(true);
    });

  it("leaves the very same bytes of any file, after one installation or two", () => {
    // Pieces that matter to us are frequent; random bytes would hardly ever hit one.
    const piece = fc.oneof(
      fc.constantFrom(
        "\n",
        "\r\n",
        "\r",
        ";",
        "[",
        "\xef\xbb\xbf",
        "; >>> ",
        "; <<< mitschnitt2",
        "mitschnitt",
      ),
      fc.uint8Array({ maxLength: 12 }).map((array) => Buffer.from(array).toString("latin1")),
    );
    const file = fc.array(piece, { maxLength: 30 }).map((pieces) => bytes(pieces.join("")));
    fc.assert(
      fc.property(file, (before) => {
        const once = add(before);
        expect(add(once).equals(once)).to.equal(true);
        expect(takeOut(once).bytes?.equals(before)).to.equal(true);
      }),
      { numRuns: 500 },
    );
  });

  it("never leaves half of it behind where lines were added around it", () => {
    const installed = add(bytes("[general]\n")).toString("latin1");
    const edited = bytes(`; first\n${installed}[cti]\nsecret = x\n`);
    expect(takeOut(edited).bytes?.toString()).to.equal("; first\n[general]\n[cti]\nsecret = x\n");
  });

  it("stands before everything else, so that appended lines do not fall into its sections", () => {
    expect(add(bytes("[general]\n")).toString()).to.match(
      /^; >>> mitschnitt.*\n#include .*\n; <<< mitschnitt\n\[general\]/,
    );
  });

  it("stands behind a byte order mark, which Asterisk takes only at the beginning", () => {
    expect(add(bytes("\xef\xbb\xbf[general]\n")).toString("latin1")).to.match(/^\xef\xbb\xbf; >>>/);
  });

  it("has the line ends of the file", () => {
    expect(
      add(bytes("[general]\r\nport = 1\r\n"))
        .toString()
        .split("\n")
        .slice(0, 3)
        .every((l) => l.endsWith("\r")),
    ).to.equal(true);
  });

  it("makes a file that is not there, and says that it is to be removed again", () => {
    const made = add(undefined);
    expect(takeOut(add(made))).to.deep.equal({ bytes: undefined, lines: block.lines });
  });

  it("keeps a file that it made when somebody else wrote into it", () => {
    const made = Buffer.concat([add(undefined), bytes("[cti]\n")]);
    expect(takeOut(made).bytes?.toString()).to.equal("[cti]\n");
  });

  it("replaces what was edited inside, and tells what was there when it goes", () => {
    const edited = bytes(add(bytes("[general]\n")).toString().replace("#include", "; mine\n#include"));
    expect(takeOut(edited)).to.deep.equal({ bytes: bytes("[general]\n"), lines: ["; mine", ...block.lines] });
    expect(add(edited).equals(add(bytes("[general]\n")))).to.equal(true);
  });

  it("leaves a file without a block as it is", () => {
    expect(takeOut(bytes("[general]\n"))).to.deep.equal({ bytes: bytes("[general]\n"), lines: undefined });
    expect(takeOut(undefined)).to.deep.equal({ bytes: undefined, lines: undefined });
  });

  for (const [what, damage] of [
    ["the end marker is gone", (text: string) => text.replace(/; <<<.*\n/, "")],
    ["the begin marker is gone", (text: string) => text.replace(/; >>>.*\n/, "")],
    ["the block is there twice", (text: string) => text + text],
    ["the markers are swapped", (text: string) => text.split("\n").reverse().join("\n")],
  ] as const)
    it(`refuses to guess where ${what}`, () => {
      const damaged = bytes(damage(add(bytes("[general]\n")).toString()));
      for (const change of [add, takeOut])
        expect(() => change(damaged))
          .to.throw(InstallError, "manager.conf")
          .with.property("code", "block-damaged");
    });
});
