import { expect } from "chai";
import { createConditions } from "../../src/core/conditions.ts";
import { SpoolError } from "../../src/core/errors.ts";
import { createPerseverance } from "../../src/recording/perseverance.ts";
import { until } from "../support/until.ts";

const log = { info: () => undefined, warn: () => undefined };
const permanent = new SpoolError("gone", { code: "gone", hint: "", permanent: true });

function setUp() {
  const conditions = createConditions();
  const perseverance = createPerseverance({ conditions, log, now: () => new Date(), firstDelayMs: 1 });
  return { perseverance, codes: () => conditions.list().map((condition) => condition.code), conditions };
}

/** Fails so often, and then ends as it is told. */
const failing = (times: number, end: () => Promise<string>) => {
  let left = times;
  return async (): Promise<string> => {
    if (left-- > 0) throw new Error("no space");
    return end();
  };
};

describe("perseverance", () => {
  it("tries until it is done, and says meanwhile that it is not", async () => {
    const { perseverance, codes } = setUp();
    const done = perseverance.until(
      "a row",
      failing(5, async () => "done"),
    );
    await until("it is told", () => codes().includes("not-written"));
    expect(await done).to.equal("done");
    expect(codes()).to.deep.equal([]);
  });

  it("gives up at once what no repetition can mend, and stops telling of it", async () => {
    const { perseverance, codes } = setUp();
    const given = perseverance.until(
      "a row",
      failing(3, () => Promise.reject(permanent)),
    );
    expect(await given.catch((error: unknown) => error)).to.equal(permanent);
    expect(codes()).to.deep.equal([]);
  });

  it("passes on the hint of an error that has one", async () => {
    const { perseverance, conditions } = setUp();
    const nameTaken = new SpoolError("taken", { code: "name-taken", hint: "Look who writes there." });
    const done = perseverance.until("a move", () => Promise.reject(nameTaken));
    await until("it is told", () => conditions.list().length > 0);
    expect(conditions.list()[0]?.hint).to.equal("Look who writes there.");
    perseverance.stop();
    await done.catch(() => undefined);
  });

  it("ends when it is stopped, with nothing left to tell", async () => {
    const { perseverance, codes } = setUp();
    const done = perseverance.until("a row", () => Promise.reject(new Error("no space")));
    await until("it is told", () => codes().length > 0);
    perseverance.stop();
    expect(await done.catch((error: Error) => error.name)).to.equal("AbortError");
    expect(codes()).to.deep.equal([]);
  });
});
