import { expect } from "chai";
import { createChance } from "../../../lab/calls/chance.ts";

describe("chance", () => {
  it("is the same for the same seed, and another for the next", () => {
    const [one, same, other] = [createChance(5), createChance(5), createChance(6)];
    const draw = (chance: ReturnType<typeof createChance>) => Array.from({ length: 20 }, () => chance.next());
    const drawn = draw(one);
    expect(draw(same)).to.eql(drawn);
    expect(draw(other)).to.not.eql(drawn);
  });

  it("draws whole numbers from the least to the most, each of them", () => {
    const chance = createChance(1);
    const drawn = new Set(Array.from({ length: 200 }, () => chance.between(3, 6)));
    expect([...drawn].sort()).to.eql([3, 4, 5, 6]);
  });

  it("refuses to pick from nothing", () => {
    expect(() => createChance(1).pick([])).to.throw("expected at least one choice");
  });
});
