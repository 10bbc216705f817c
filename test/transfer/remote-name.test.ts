import { expect } from "chai";
import { earlierPartNames, numberedName, partName } from "../../src/transfer/remote-name.ts";

describe("names at a target", () => {
  it("number a name in front of its ending", () => {
    expect(numberedName("a.wav", 1)).to.equal("a.wav");
    expect(numberedName("a.b.wav", 2)).to.equal("a.b_2.wav");
    expect(numberedName("a", 3)).to.equal("a_3");
    expect(numberedName(".wav", 2)).to.equal(".wav_2");
  });

  it("stay within 255 bytes when they are numbered, and keep whole characters", () => {
    const numbered = numberedName(`${"😀".repeat(62)}abc.wav`, 12);
    expect(numbered).to.equal(`${"😀".repeat(62)}_12.wav`);
    expect(Buffer.byteLength(numberedName(`${"ä".repeat(125)}.wav`, 99))).to.be.at.most(255);
  });

  it("give each attempt a temporary name of its own, and remember those of the earlier ones", () => {
    expect(partName("0f", 3)).to.equal("mitschnitt-0f-3.part");
    expect(earlierPartNames("0f", 3)).to.deep.equal(["mitschnitt-0f-2.part", "mitschnitt-0f-1.part"]);
    expect(earlierPartNames("0f", 1)).to.deep.equal([]);
    expect(earlierPartNames("0f", 1_000_000)).to.have.lengthOf(200);
  });
});
