import { expect } from "chai";
import { createConditions } from "../../src/core/conditions.ts";

const unreachable = { code: "pbx-unreachable", message: "refused", hint: "Is it running?" };

describe("conditions", () => {
  it("are told once when they begin and once when they end", () => {
    const conditions = createConditions();
    const told: string[] = [];
    conditions.onChange((change) => told.push(`${change.type} ${change.condition.code}`));
    conditions.raise("pbx", unreachable, new Date(1));
    conditions.raise("pbx", unreachable, new Date(2));
    conditions.clear("pbx");
    conditions.clear("pbx");
    expect(told).to.deep.equal(["raised pbx-unreachable", "cleared pbx-unreachable"]);
  });

  it("keep their start while only the words change", () => {
    const conditions = createConditions();
    conditions.raise("pbx", unreachable, new Date(1));
    conditions.raise("pbx", { ...unreachable, message: "timed out" }, new Date(2));
    expect(conditions.list()).to.deep.equal([
      { subject: "pbx", ...unreachable, message: "timed out", since: new Date(1) },
    ]);
  });
});
