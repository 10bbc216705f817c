import { expect } from "chai";
import { totalMs, united, without } from "../../src/core/span.ts";

const span = (fromMs: number, toMs: number) => ({ fromMs, toMs });

describe("spans", () => {
  it("unites what overlaps or touches, and drops what is empty", () => {
    expect(united([span(5, 9), span(0, 3), span(2, 5), span(20, 20), span(6, 7)])).to.deep.equal([
      span(0, 9),
    ]);
    expect(united([span(5, 6), span(0, 3)])).to.deep.equal([span(0, 3), span(5, 6)]);
  });

  it("takes spans out of spans", () => {
    expect(without([span(0, 10)], [span(2, 3), span(8, 20)])).to.deep.equal([span(0, 2), span(3, 8)]);
    expect(without([span(0, 10)], [span(-5, 50)])).to.deep.equal([]);
  });

  it("adds up lengths", () => {
    expect(totalMs([span(0, 2), span(5, 6)])).to.equal(3);
  });
});
