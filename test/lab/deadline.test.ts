import { expect } from "chai";
import { waitUntil, withinMs } from "../../lab/deadline.ts";

describe("deadline", () => {
  it("returns the first answer that is neither false nor undefined", async () => {
    const answers = [undefined, false, 0, 1];
    expect(await waitUntil("zero", () => answers.shift(), { intervalMs: 1 })).to.equal(0);
  });

  it("names what was awaited when it gives up", async () => {
    const failure = await waitUntil("rain", () => false, { timeoutMs: 10, intervalMs: 1 }).catch(
      (error) => error,
    );
    expect(failure).to.include({ code: "lab-timeout", message: "rain: not within 10 ms" });
  });

  it("does not wait for a promise that never settles", async () => {
    const failure = await withinMs("nothing", 10, new Promise(() => {})).catch((error) => error);
    expect(failure).to.include({ code: "lab-timeout" });
  });

  it("passes a value and a failure on", async () => {
    expect(await withinMs("it", 1_000, Promise.resolve(7))).to.equal(7);
    const failure = await withinMs("it", 1_000, Promise.reject(new Error("no"))).catch((error) => error);
    expect(failure).to.include({ message: "no" });
  });
});
