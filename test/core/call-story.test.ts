import { expect } from "chai";
import {
  atTheBeginning,
  changesBetween,
  rememberedOf,
  type Situation,
  type Situations,
} from "../../src/core/call-story.ts";

const at = new Date("2026-11-20T09:00:00Z");
const nobody = (): boolean => false;

const situations = (
  talks: Readonly<Record<string, Partial<Situation>>>,
  parked: Readonly<Record<string, string>> = {},
): Situations => ({
  talks: new Map(
    Object.entries(talks).map(([id, talk]) => [id, { member: "10", with: "0301", heldBy: "", ...talk }]),
  ),
  parked: new Map(Object.entries(parked)),
});

const told = (before: Situations, after: Situations, ended: (uniqueid: string) => boolean = nobody) =>
  changesBetween(before, after, ended, at).map(({ kind, params }) => [kind, params]);

describe("a call's story", () => {
  it("tells who talks with whom, once", () => {
    const talk = situations({ a: {} });
    expect(told(atTheBeginning, talk)).to.deep.equal([["talk", { member: "10", with: "0301" }]]);
    expect(told(talk, talk)).to.deep.equal([]);
    expect(told(talk, situations({ a: { with: "12" } }))).to.deep.equal([
      ["talk", { member: "10", with: "12" }],
    ]);
  });

  it("tells who holds, and when the talk goes on", () => {
    const [talk, held] = [situations({ a: {} }), situations({ a: { heldBy: "0301" } })];
    expect(told(talk, held)).to.deep.equal([["hold", { member: "10", by: "0301" }]]);
    expect(told(held, talk)).to.deep.equal([["resume", { member: "10" }]]);
    expect(told(held, held)).to.deep.equal([]);
  });

  it("tells of parking lots", () => {
    const parked = situations({}, { b: "0301" });
    expect(told(atTheBeginning, parked)).to.deep.equal([["parked", { who: "0301" }]]);
    expect(told(parked, atTheBeginning)).to.deep.equal([["unparked", { who: "0301" }]]);
  });

  it("says that a member left when his channel is gone, and not when he is alone for a moment", () => {
    const talk = situations({ a: {} });
    expect(told(talk, atTheBeginning)).to.deep.equal([]);
    expect(told(talk, atTheBeginning, (uniqueid) => uniqueid === "a")).to.deep.equal([
      ["left", { member: "10" }],
    ]);
  });

  it("tells nothing anew of whoever finds the same people again", () => {
    const talk = situations({ a: {} });
    const alone = rememberedOf(talk, atTheBeginning, nobody);
    expect(told(alone, talk)).to.deep.equal([]);
    const gone = rememberedOf(talk, atTheBeginning, () => true);
    expect(gone.talks.size).to.equal(0);
  });
});
