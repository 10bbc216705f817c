import { expect } from "chai";
import { getTasks } from "node-cron";
import { everyMinute } from "../../src/transfer/minute-tick.ts";

describe("minute tick", () => {
  it("comes every minute, also through the night of the clock change, until it is ended", () => {
    const before = new Set(getTasks().keys());
    const end = everyMinute(async () => undefined);
    const [task] = [...getTasks()].filter(([id]) => !before.has(id)).map(([, each]) => each);
    expect(task?.getPattern()).to.equal("* * * * *");
    const runs = task?.getNextRuns(3).map((run) => run.getTime()) ?? [];
    expect([(runs[1] ?? 0) - (runs[0] ?? 0), (runs[2] ?? 0) - (runs[1] ?? 0)]).to.deep.equal([
      60_000, 60_000,
    ]);
    // 2026-10-25, 00:00–02:00 UTC: in Berlin 02:00–03:00 comes twice.
    for (let minute = 0; minute < 120; minute++)
      expect(task?.match(new Date(Date.UTC(2026, 9, 25, 0, minute)))).to.equal(true);
    end();
    expect([...getTasks().keys()].filter((id) => !before.has(id))).to.deep.equal([]);
  });
});
