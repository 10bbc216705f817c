import { expect } from "chai";
import { grown, union, without } from "../../../lab/calls/spans.ts";

const span = (fromMs: number, untilMs: number) => ({ fromMs, untilMs });

describe("spans of time", () => {
  it("become one where they touch", () => {
    expect(union([span(5, 8), span(0, 2), span(2, 3), span(7, 9)])).to.eql([span(0, 3), span(5, 9)]);
  });

  it("lose what is taken from them, at their ends and in the middle", () => {
    expect(without([span(0, 10), span(20, 30)], [span(4, 6), span(8, 22), span(40, 50)])).to.eql([
      span(0, 4),
      span(6, 8),
      span(22, 30),
    ]);
    expect(without([span(0, 10)], [span(-1, 11)])).to.eql([]);
  });

  it("grow at both ends", () => {
    expect(grown([span(10, 20)], 5)).to.eql([span(5, 25)]);
  });
});
