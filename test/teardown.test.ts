import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "chai";
import { createTeardown } from "../src/teardown.ts";

describe("teardown", () => {
  it("takes the steps backwards, one after the other, past one that fails", async () => {
    const done: string[] = [];
    const teardown = createTeardown((error) => done.push(String(error)));
    teardown.add(() => done.push("lock"));
    teardown.add(async () => {
      await nextTurn();
      done.push("journal");
    });
    teardown.add(() => Promise.reject(new Error("pages")));
    await teardown.run();
    expect(done).to.deep.equal(["Error: pages", "journal", "lock"]);
  });

  it("is done when it is asked a second time and the first is under way", async () => {
    let done = 0;
    const teardown = createTeardown(() => undefined);
    teardown.add(() => nextTurn().then(() => done++));
    void teardown.run();
    await teardown.run();
    expect(done).to.equal(1);
  });
});
