import { expect } from "chai";
import { csvCell } from "../../src/report/csv-cell.ts";

describe("a cell of the CSV file", () => {
  for (const attack of [
    "=cmd|'/C calc'!A0",
    '=HYPERLINK("http://evil","click")',
    "+49301234567+cmd|'/C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "＝1+1",
    "+",
    "+49 30 1234567",
  ])
    it(`disarms ${attack}`, () => {
      expect(csvCell(attack)).to.equal(`'${attack}`);
    });

  for (const hidden of ["\t=1+1", "\r=1+1", "\n=1+1", "  =1+1", "\u0000=1+1", "\u2028=1+1"])
    it(`disarms a formula behind ${JSON.stringify(hidden.slice(0, 1))}`, () => {
      expect(csvCell(hidden)).to.equal("'=1+1");
    });

  it("leaves numbers readable", () => {
    for (const number of ["+493012345670", "0301234567", "10", "*21#", "anonym", ""])
      expect(csvCell(number)).to.equal(number);
  });

  it("keeps a text on one line", () => {
    expect(csvCell("a\r\nb\tc")).to.equal("a b c");
  });
});
