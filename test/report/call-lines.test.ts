import { expect } from "chai";
import { callsNamed } from "../../src/journal/calls-search.ts";
import { callLines } from "../../src/report/call-lines.ts";
import { callObject } from "../../src/report/call-object.ts";
import { tellCall } from "../../src/report/told-call.ts";
import { createWords } from "../../src/words/words.ts";
import { addCall, addJob, addRecording, openMemoryJournal } from "../support/journal-fixture.ts";
import { addStory } from "../support/told-story.ts";

const startedAt = Date.parse("2026-11-18T10:00:00Z");
const style = { language: "en", timeZone: "Europe/Berlin", targetName: (id: string) => `<${id}>` } as const;

describe("a call told in lines", () => {
  it("has facts, the one outcome, recordings, the timeline of the story and the calls it was merged with", async () => {
    const { db, close } = await openMemoryJournal();
    const { call, consultation, recording, cutOff } = await addStory(db, startedAt);
    await addJob(db, recording, { done_at: startedAt + 300_000 });
    await addJob(db, cutOff, { state: "deferred", done_at: null });
    const lines = callLines(await tellCall(db, call), style);
    expect(lines.slice(0, 10)).to.deep.equal([
      "Call from +493012345670 to 600",
      "Direction: incoming",
      "Began: 2026-11-18 11:00:00",
      "Answered: 2026-11-18 11:00:06",
      "Ended: 2026-11-18 11:04:00",
      "Outcome: recorded: by rule “Vertrieb”",
      `Id: ${call.id}, in Asterisk ${call.linkedid}`,
      "",
      "Recording 1: 10, by rule “Vertrieb”, 2026-11-18 11:00:06 to 11:01:21",
      "  finished",
    ]);
    expect(lines).to.include.members([
      "  <archive>: delivered, verified at 2026-11-18 11:05:00",
      "Recording 2: 11, by rule “Vertrieb”, 2026-11-18 11:01:21 to 11:04:00",
      "  cut off: it was stuck",
      "  <archive>: waiting for the next try",
      "Timeline",
      "  11:00:06     0:06  10 talks with +493012345670",
      `  11:01:21     1:21  merged with call ${consultation.id.slice(0, 8)}`,
      "Merged with",
    ]);
    expect(lines.at(-1)).to.equal(
      `  2026-11-18 11:01:02 from 10 to 11: not due: rule “Vertrieb” does not record internal calls (${consultation.id.slice(0, 8)})`,
    );
    await close();
  });

  it("says why a recording failed, and that a call goes on", async () => {
    const { db, close } = await openMemoryJournal();
    const call = await addCall(db, { outcome: null, ended_at: null, reason_code: null, reason_params: null });
    await addRecording(db, call, {
      state: "failed",
      file_name: null,
      ended_at: null,
      reason_code: "no-file",
    });
    const lines = callLines(await tellCall(db, call), style);
    expect(lines).to.include("Outcome: in progress");
    expect(lines).to.include("  failed: the PBX wrote no file");
    await close();
  });

  it("is told as an object for programs, each entry with its sentence", async () => {
    const { db, close } = await openMemoryJournal();
    const { call, consultation, cutOff } = await addStory(db, startedAt);
    const told = callObject(await tellCall(db, call), createWords("en"));
    expect(told).to.deep.include({ id: call.id, outcome: "recorded", startedAt: "2026-11-18T10:00:00.000Z" });
    const { timeline, recordings, tied } = JSON.parse(JSON.stringify(told));
    expect(timeline.at(-1)).to.deep.equal({
      at: "2026-11-18T10:03:21.000Z",
      callId: call.id,
      kind: "freed",
      params: { recording: cutOff.id, cutOff: "stuck" },
      text: "recording 2 was cut off: it was stuck",
    });
    expect(recordings.map((one: { cutOff: unknown }) => one.cutOff)).to.deep.equal([null, "stuck"]);
    expect(tied.map((one: { id: unknown }) => one.id)).to.deep.equal([consultation.id]);
    await close();
  });
});

describe("the name of a call", () => {
  it("is its id, the beginning of it, its linkedid, or the uniqueid of one of its channels", async () => {
    const { db, close } = await openMemoryJournal();
    const one = await addCall(db, { id: `abcd${"1".repeat(28)}` });
    const two = await addCall(db, { id: `abcd${"2".repeat(28)}` });
    const ids = async (name: string) => (await callsNamed(db, name, 5)).map(({ id }) => id);
    expect(await ids(one.id)).to.deep.equal([one.id]);
    expect(await ids("abcd2")).to.deep.equal([two.id]);
    expect(await ids("abcd")).to.have.members([one.id, two.id]);
    expect(await ids(two.linkedid)).to.deep.equal([two.id]);
    await db
      .insertInto("call_channels")
      .values({ pbx_id: "pbx", uniqueid: "17.5", call_id: one.id, name: "PJSIP/alice-1" })
      .execute();
    expect(await ids("17.5")).to.deep.equal([one.id]);
    for (const name of ["abc", "", "%", "zz' or 1=1 --"]) expect(await ids(name), name).to.deep.equal([]);
    await close();
  });
});
