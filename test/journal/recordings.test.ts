import { join } from "node:path";
import { expect } from "chai";
import { reason } from "../../src/core/reason.ts";
import { newId, openCall } from "../../src/journal/calls.ts";
import { type Journal, openJournal } from "../../src/journal/journal.ts";
import {
  failRecording,
  finishRecording,
  openRecording,
  type RecordingOpening,
  reserveName,
  resultsOfCall,
  unfinishedRecordings,
} from "../../src/journal/recordings.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const facts = { endedAt: new Date(2000), durationMs: 1000, sizeBytes: 16_044, sha256: "ab" };

describe("recordings in the journal", () => {
  const folder = temporaryFolder();
  let journal: Journal;
  let callId: string;

  beforeEach(async () => {
    journal = await openJournal(join(folder(), "journal.db"));
    callId = await openCall(journal.db, {
      id: newId(),
      pbxId: "pbx",
      linkedid: "1.0",
      startedAt: new Date(1000),
      fromNumber: "",
      fromName: "",
      toNumber: "",
    });
  });
  afterEach(() => journal.close());

  const open = async (): Promise<RecordingOpening> => {
    const recording: RecordingOpening = {
      id: newId(),
      callId,
      pbxId: "pbx",
      ruleId: "sales",
      ruleName: "Sales",
      memberExtension: "10",
      direction: "incoming",
      fromNumber: "030",
      toNumber: "10",
      channelUniqueid: "1.1",
      startedAt: new Date(1000),
    };
    await openRecording(journal.db, recording);
    return recording;
  };
  const nameOf = (copy: number): string => (copy === 1 ? "a.wav" : `a_${copy}.wav`);

  it("get names that nobody else has, in one statement each", async () => {
    const recordings = await Promise.all([open(), open(), open()]);
    const names = await Promise.all(recordings.map(({ id }) => reserveName(journal.db, id, facts, nameOf)));
    expect([...names].sort()).to.deep.equal(["a.wav", "a_2.wav", "a_3.wav"]);
  });

  it("make one job for each target, however often they are finished", async () => {
    const { id } = await open();
    await reserveName(journal.db, id, facts, nameOf);
    await finishRecording(journal.db, id, ["nas", "ftp"], new Date(3000));
    await finishRecording(journal.db, id, ["nas", "ftp"], new Date(4000));
    const jobs = await journal.db.selectFrom("jobs").select(["target_id", "created_at"]).execute();
    expect(jobs.map((job) => job.target_id).sort()).to.deep.equal(["ftp", "nas"]);
  });

  it("are unfinished until they are finished or failed", async () => {
    const [one, two, three] = await Promise.all([open(), open(), open()]);
    await reserveName(journal.db, one.id, facts, nameOf);
    await finishRecording(journal.db, one.id, [], new Date());
    await failRecording(journal.db, two.id, reason("no-audio"), new Date());
    expect((await unfinishedRecordings(journal.db)).map(({ id }) => id)).to.deep.equal([three.id]);
  });

  it("stay finished, or failed, whatever comes late", async () => {
    const [one, two] = await Promise.all([open(), open()]);
    await reserveName(journal.db, one.id, facts, nameOf);
    await finishRecording(journal.db, one.id, [], new Date());
    await failRecording(journal.db, one.id, reason("no-file"), new Date());
    await failRecording(journal.db, two.id, reason("no-file"), new Date());
    const late = await reserveName(journal.db, two.id, facts, nameOf).catch((e: { code: string }) => e.code);
    expect(late).to.equal("recording-closed");
    expect((await resultsOfCall(journal.db, callId)).map(({ state }) => state)).to.have.members([
      "finished",
      "failed",
    ]);
  });

  it("tell what became of a call", async () => {
    const [one, two] = await Promise.all([open(), open()]);
    await reserveName(journal.db, one.id, facts, nameOf);
    await finishRecording(journal.db, one.id, [], new Date());
    await failRecording(journal.db, two.id, reason("pbx-refused", { message: "no" }), new Date());
    const results = await resultsOfCall(journal.db, callId);
    expect(results).to.have.deep.members([
      { state: "finished", ruleName: "Sales" },
      { state: "failed", reason: { code: "pbx-refused", params: { message: "no" } } },
    ]);
  });
});
