import { expect } from "chai";
import { lookEvery } from "../../src/recording/look-every.ts";
import { until } from "../support/until.ts";

describe("repeated look", () => {
  it("goes on after a failure, and not after its end", async () => {
    let looks = 0;
    const errors: unknown[] = [];
    const look = async (): Promise<void> => {
      looks++;
      throw new Error("no disk");
    };
    const end = lookEvery(1, look, (error) => errors.push(error));
    await until("it looked again", () => looks > 2);
    await end();
    const atTheEnd = looks;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([looks, errors.length]).to.deep.equal([atTheEnd, atTheEnd]);
  });

  it("waits for a look that hangs instead of beginning another", async () => {
    let looks = 0;
    let answer = (): void => undefined;
    const look = () =>
      new Promise<void>((resolve) => {
        looks++;
        answer = resolve;
      });
    const end = lookEvery(1, look, () => undefined);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(looks).to.equal(1);
    answer();
    await until("it looks again", () => looks === 2);
    const ended = end();
    answer();
    await ended;
  });
});
