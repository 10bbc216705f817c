import { expect } from "chai";
import type { TimelineEntry, TimelineKind } from "../../src/core/timeline.ts";
import { createStoryBuffer, type Story } from "../../src/recording/story-buffer.ts";
import { until } from "../support/until.ts";

describe("story buffer", () => {
  const entry = (atMs: number, kind: TimelineKind, params: TimelineEntry["params"]): TimelineEntry => ({
    at: new Date(atMs),
    kind,
    params,
  });
  const talk = (atMs: number, member: string, others: string): TimelineEntry =>
    entry(atMs, "talk", { member, with: others });

  it("writes what comes within a moment together, by itself", async () => {
    const written: Story[] = [];
    const buffer = createStoryBuffer((story) => written.push(story));
    buffer.channel({ pbxId: "pbx", uniqueid: "1.1", name: "PJSIP/alice-1" });
    buffer.tell(talk(0, "10", "12"));
    buffer.tell(entry(1, "hold", { member: "10", by: "12" }));
    expect(written).to.deep.equal([]);
    await until("it is written", () => written.length > 0);
    expect(written.map(({ channels, entries }) => [channels.length, entries.length])).to.deep.equal([[1, 2]]);
  });

  it("leaves out a talk that another one of the same member follows at once", () => {
    const written: Story[] = [];
    const buffer = createStoryBuffer((story) => written.push(story));
    buffer.tell(talk(0, "10", "12, 13"));
    buffer.tell(talk(5, "11", "13"));
    buffer.tell(talk(20, "10", "13"));
    buffer.tell(talk(500, "10", "14"));
    buffer.flush();
    expect(written[0]?.entries.map(({ params }) => params.with)).to.deep.equal(["13", "13", "14"]);
  });

  it("writes nothing of nothing", () => {
    const written: Story[] = [];
    createStoryBuffer((story) => written.push(story)).flush();
    expect(written).to.deep.equal([]);
  });
});
