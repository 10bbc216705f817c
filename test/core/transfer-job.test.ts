import { expect } from "chai";
import { type AttemptFailure, decideAfterFailure } from "../../src/core/transfer-job.ts";

const now = new Date("2026-06-01T12:00:00Z");
const minutesLater = (minutes: number): Date => new Date(now.getTime() + minutes * 60_000);
const error = { code: "connection-refused", message: "nas:21 refused", hint: "Start the server." };

const failure = (facts: Partial<AttemptFailure>): AttemptFailure => ({
  error,
  permanent: false,
  concerns: "file",
  slow: false,
  ...facts,
});
const decide = (facts: Partial<AttemptFailure>, attempts = 1, targetFailures = 0) =>
  decideAfterFailure({
    job: { state: "active", attempts },
    failure: failure(facts),
    targetFailures,
    now,
    random: 0.5,
  });

describe("transfer job", () => {
  it("is deferred with growing delays when the file could not be delivered for now", () => {
    expect(decide({}, 1).job).to.deep.include({ state: "deferred", nextTryAt: minutesLater(1) });
    expect(decide({}, 4).job).to.deep.include({ state: "deferred", nextTryAt: minutesLater(8) });
  });

  it("leaves the target alone when only the file is concerned", () => {
    expect(decide({}).targetDownUntil).to.equal(undefined);
  });

  it("is held when no further attempt can help", () => {
    expect(decide({ permanent: true }).job).to.deep.equal({ state: "hold", attempts: 1, lastError: error });
  });

  it("takes the whole target down when every other file would fail as well", () => {
    const decision = decide({ concerns: "target" }, 1, 3);
    expect(decision.targetDownUntil).to.deep.equal(minutesLater(4));
  });

  it("delays a target by its own failures, not by the attempts of the job that met the last one", () => {
    expect(decide({ concerns: "target" }, 20, 1).targetDownUntil).to.deep.equal(minutesLater(1));
  });

  it("never holds a file for what is the target's fault", () => {
    expect(decide({ concerns: "target", permanent: true }, 1, 1).job.state).to.equal("deferred");
  });

  it("goes behind the other jobs after a target's failure, so that another file is the next probe", () => {
    const { job, targetDownUntil } = decide({ concerns: "target" }, 1, 1);
    if (job.state !== "deferred") throw new Error(`expected deferred, got ${job.state}`);
    expect(job.nextTryAt.getTime()).to.be.greaterThan(targetDownUntil?.getTime() ?? Number.NaN);
  });

  it("waits half an hour at least where a person has to act", () => {
    expect(decide({ concerns: "target", slow: true }, 1, 1).targetDownUntil).to.deep.equal(minutesLater(30));
  });
});
