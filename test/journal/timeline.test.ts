import { expect } from "chai";
import type { Journal } from "../../src/journal/journal.ts";
import {
  addToTimeline,
  noteChannels,
  tiedCalls,
  tieToLinkedid,
  timelineOf,
} from "../../src/journal/timeline.ts";
import { addCall, openMemoryJournal } from "../support/journal-fixture.ts";

describe("timelines in the journal", () => {
  let journal: Journal;
  const at = new Date("2026-11-20T09:00:00Z");
  beforeEach(async () => {
    journal = await openMemoryJournal();
  });
  afterEach(() => journal.close());

  it("come back in order, those of several calls as one", async () => {
    const { db } = journal;
    const [one, other] = [await addCall(db), await addCall(db)];
    const later = new Date(at.getTime() + 1000);
    await addToTimeline(db, one.id, [
      { at, kind: "talk", params: { member: "10", with: "0301" } },
      { at: later, kind: "left", params: { member: "10" } },
    ]);
    await addToTimeline(db, other.id, [{ at: new Date(at.getTime() + 500), kind: "unobserved", params: {} }]);
    const told = await timelineOf(db, [one.id, other.id]);
    expect(told.map(({ callId, kind }) => [callId, kind])).to.deep.equal([
      [one.id, "talk"],
      [other.id, "unobserved"],
      [one.id, "left"],
    ]);
    expect(told[0]?.params).to.deep.equal({ member: "10", with: "0301" });
    expect(await timelineOf(db, [])).to.deep.equal([]);
  });

  it("leave a channel with the call in which it was seen first", async () => {
    const { db } = journal;
    const [one, other] = [await addCall(db), await addCall(db)];
    const seen = { pbxId: "pbx", uniqueid: "1.1", name: "PJSIP/alice-00000001" };
    await noteChannels(db, one.id, [seen], at);
    await noteChannels(db, other.id, [seen, { ...seen, uniqueid: "1.2" }], at);
    const rows = await db.selectFrom("call_channels").selectAll().orderBy("uniqueid").execute();
    expect(rows.map((row) => [row.uniqueid, row.call_id])).to.deep.equal([
      ["1.1", one.id],
      ["1.2", other.id],
    ]);
    // Nobody saw how the channel came from one to the other, but it did.
    expect((await tiedCalls(db, one.id)).map((call) => call.id)).to.deep.equal([one.id, other.id]);
  });

  it("are one story for calls that transfers have merged, whichever of them is asked", async () => {
    const { db } = journal;
    const [first, second, third, stranger] = [
      await addCall(db),
      await addCall(db),
      await addCall(db),
      await addCall(db),
    ];
    await tieToLinkedid(db, second.id, first.linkedid, at);
    await tieToLinkedid(db, second.id, third.linkedid, at);
    for (const { id } of [first, second, third])
      expect((await tiedCalls(db, id)).map((call) => call.id)).to.deep.equal([first.id, second.id, third.id]);
    expect((await tiedCalls(db, stranger.id)).map((call) => call.id)).to.deep.equal([stranger.id]);
    const told = await timelineOf(db, [first.id, second.id, third.id]);
    expect(told.map(({ kind, callId, params }) => [kind, callId, params.call])).to.deep.equal([
      ["merged", first.id, second.id],
      ["merged", second.id, third.id],
    ]);
  });

  it("stay one story when the call that belonged to both others was tied to the first already", async () => {
    const { db } = journal;
    const [first, second, third] = [await addCall(db), await addCall(db), await addCall(db)];
    await tieToLinkedid(db, third.id, second.linkedid, at);
    await tieToLinkedid(db, third.id, first.linkedid, at);
    for (const { id } of [first, second, third])
      expect((await tiedCalls(db, id)).map((call) => call.id)).to.deep.equal([first.id, second.id, third.id]);
  });

  it("tie the younger to the older, once, and never in a ring", async () => {
    const { db } = journal;
    const [older, younger] = [await addCall(db), await addCall(db)];
    await tieToLinkedid(db, older.id, younger.linkedid, at);
    await tieToLinkedid(db, younger.id, older.linkedid, at);
    await tieToLinkedid(db, older.id, older.linkedid, at);
    await tieToLinkedid(db, older.id, "never.heard.of", at);
    const rows = await db.selectFrom("calls").select(["id", "tied_to"]).orderBy("started_at").execute();
    expect(rows).to.deep.equal([
      { id: older.id, tied_to: null },
      { id: younger.id, tied_to: older.id },
    ]);
    expect(await timelineOf(db, [older.id, younger.id])).to.have.length(1);
  });
});
