import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { CallOptions } from "../../lab/lab-call.ts";
import { type Office, openOffice } from "../../lab/office.ts";
import { findTone, totalMs } from "../../lab/sound/tone.ts";
import { monoOf, readWav } from "../../lab/sound/wav.ts";

/** Who calls sends 440 Hz, who is called 1000 Hz. */
const callerHz = 440;
const calledHz = 1000;
const talkMs = 2000;

for (const version of [22, 16] as const) {
  describe(`recording on Asterisk ${version}`, function () {
    this.timeout(60_000);
    let office: Office;
    let callsBefore = 0;
    let recordingsBefore = 0;

    before(async function () {
      this.timeout(180_000);
      office = await openOffice({ version });
      await office.module.start();
    });
    after(() => office?.stop());

    beforeEach(async () => {
      callsBefore = office.calls().length;
      recordingsBefore = office.recordings().length;
      for (const phone of ["alice", "bob", "carol", "dave", "trunk"] as const)
        await office.lab.phone(phone, { answerAfterMs: 200, plays: `tone${calledHz}` });
    });

    const place = (options: CallOptions) => office.lab.call({ plays: `tone${callerHz}`, ...options });
    const newCalls = () => office.calls().slice(callsBefore);
    const newRecordings = () => office.recordings().slice(recordingsBefore);

    /** One call from beginning to end, and everything that follows from it. */
    const callAndSettle = async (options: CallOptions): Promise<void> => {
      const call = await place(options);
      await call.ended();
      await office.settled(callsBefore + 1);
    };

    const outcomes = () => newCalls().map((call) => `${call.outcome}: ${call.reason_code}`);

    const expectBothVoices = async (fileName: string | null): Promise<void> => {
      const samples = monoOf(await readWav(join(office.dataFolder, "spool/transfer", fileName ?? "")));
      for (const hz of [callerHz, calledHz])
        expect(totalMs(findTone(samples, hz)), `${hz} Hz in ${fileName}`).to.be.within(
          talkMs - 150,
          talkMs + 150,
        );
    };

    const expectDelivered = (fileName: string | null): void => {
      const sent = readFileSync(join(office.archiveFolder, fileName ?? ""));
      const kept = readFileSync(join(office.dataFolder, "spool/transfer", fileName ?? ""));
      expect(sent.equals(kept)).to.equal(true);
    };

    const expectOneRecording = async (): Promise<void> => {
      const recordings = newRecordings();
      expect(recordings.map((recording) => recording.state)).to.deep.equal(["finished"]);
      await expectBothVoices(recordings[0]?.file_name ?? null);
      expectDelivered(recordings[0]?.file_name ?? null);
    };

    it("records an incoming call to a ring group on the phone that answers", async () => {
      await office.lab.phone("alice", "no-answer");
      await callAndSettle({ from: "trunk", to: "100", callerNumber: "0301234567", hangUpAfterMs: talkMs });
      expect(outcomes()).to.deep.equal(["recorded: by-rule"]);
      expect(newCalls()[0]).to.include({
        direction: "incoming",
        from_number: "0301234567",
        to_number: "100",
        member_extension: "11",
      });
      await expectOneRecording();
    });

    it("records an outgoing call with the number that was dialled", async () => {
      await callAndSettle({ from: "alice", to: "0030987654", hangUpAfterMs: talkMs });
      expect(outcomes()).to.deep.equal(["recorded: by-rule"]);
      expect(newCalls()[0]).to.include({ direction: "outgoing", from_number: "10", to_number: "0030987654" });
      await expectOneRecording();
    });

    it("records an internal call with somebody outside the group", async () => {
      await callAndSettle({ from: "carol", to: "10", hangUpAfterMs: talkMs });
      expect(outcomes()).to.deep.equal(["recorded: by-rule"]);
      expect(newCalls()[0]).to.include({
        direction: "internal",
        from_number: "12",
        to_number: "10",
        member_extension: "10",
      });
      await expectOneRecording();
    });

    it("records a member who calls another member once", async () => {
      await callAndSettle({ from: "alice", to: "11", hangUpAfterMs: talkMs });
      expect(outcomes()).to.deep.equal(["recorded: by-rule"]);
      await expectOneRecording();
    });

    it("leaves no file of a call that was abandoned", async () => {
      for (const phone of ["alice", "bob"] as const) await office.lab.phone(phone, "no-answer");
      await callAndSettle({ from: "trunk", to: "100", abandonAfterMs: 500 });
      expect(outcomes()).to.deep.equal(["not-due: abandoned"]);
      expect(newRecordings()).to.deep.equal([]);
    });

    it("leaves no file of a call to a busy phone", async () => {
      await office.lab.phone("alice", "busy");
      await callAndSettle({ from: "trunk", to: "101" });
      expect(outcomes()).to.deep.equal(["not-due: busy"]);
      expect(newRecordings()).to.deep.equal([]);
    });

    it("does not record those who are not in the group", async () => {
      await callAndSettle({ from: "trunk", to: "103", hangUpAfterMs: 500 });
      expect(outcomes()).to.deep.equal(["not-due: no-member"]);
      expect(newRecordings()).to.deep.equal([]);
    });

    it("records two calls at once, each with its own voices", async () => {
      const calls = await Promise.all([
        place({ from: "trunk", to: "101", callerNumber: "0301", hangUpAfterMs: talkMs }),
        place({ from: "trunk", to: "102", callerNumber: "0302", plays: "tone1500", hangUpAfterMs: talkMs }),
      ]);
      await Promise.all(calls.map((call) => call.ended()));
      await office.settled(callsBefore + 2);
      expect(outcomes()).to.deep.equal(["recorded: by-rule", "recorded: by-rule"]);
      for (const { from_number, file_name } of newRecordings()) {
        const samples = monoOf(await readWav(join(office.dataFolder, "spool/transfer", file_name ?? "")));
        const [own, other] = from_number === "0301" ? [440, 1500] : [1500, 440];
        expect(totalMs(findTone(samples, own))).to.be.above(talkMs - 150);
        expect(totalMs(findTone(samples, other))).to.equal(0);
      }
    });

    it("leaves nothing in the folder of recordings in progress", () => {
      expect(readdirSync(join(office.dataFolder, "spool/open"))).to.deep.equal([]);
    });
  });
}
