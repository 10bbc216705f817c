import { expect } from "chai";
import { terminalLine } from "../../src/words/terminal-line.ts";

describe("a line for the terminal", () => {
  it("obeys nothing that a caller sent", () => {
    expect(terminalLine("a\u001b[2Jb\r\nc\u009bd\u202ee\u0007")).to.equal("a�[2Jb��c�d�e�");
  });

  it("leaves umlauts, quotation marks and dashes alone", () => {
    const text = "nicht fällig: die Regel „Vertrieb“ – 5 €";
    expect(terminalLine(text)).to.equal(text);
  });
});
