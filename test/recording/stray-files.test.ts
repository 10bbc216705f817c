import { unlinkSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { newId } from "../../src/journal/calls.ts";
import { createStrayFiles } from "../../src/recording/stray-files.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { until } from "../support/until.ts";
import { incomingCall } from "./call-events.ts";
import { openBench, type RecordingBench } from "./recording-bench.ts";

describe("stray files", () => {
  const folder = temporaryFolder();
  let bench: RecordingBench;
  beforeEach(async () => {
    bench = await openBench(folder());
  });
  afterEach(() => bench.close());

  const look = async (): Promise<readonly string[]> => {
    const { journal, spool, conditions } = bench;
    await createStrayFiles({ db: journal.db, spool, conditions, now: () => new Date() }).check();
    return conditions.list().map((condition) => condition.message);
  };

  it("are told of, left alone, and forgotten when somebody has cleared them away", async () => {
    const path = bench.spool.openPath(newId());
    writeFileSync(path, "whatever");
    expect(await look()).to.have.length(1);
    expect((await look())[0]).to.contain(path.slice(-36));
    unlinkSync(path);
    expect(await look()).to.deep.equal([]);
  });

  it("are not those of recordings under way", async () => {
    const call = incomingCall();
    for (const event of [...call.rings(), ...call.isAnswered()]) bench.monitor.apply(event);
    await until("it is recorded", () => bench.asterisk.isRecorded(call.alice.name));
    expect(await bench.spool.openIds()).to.have.length(1);
    expect(await look()).to.deep.equal([]);
  });

  it("are named only in part when they are many", async () => {
    for (let i = 0; i < 50; i++) writeFileSync(bench.spool.openPath(newId()), "");
    const [message = ""] = await look();
    expect(message).to.match(/and 47 more$/);
  });
});
