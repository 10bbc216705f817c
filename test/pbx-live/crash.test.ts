import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { type Office, openOffice } from "../../lab/office.ts";
import { findTone, totalMs } from "../../lab/sound/tone.ts";
import { monoOf, readWav } from "../../lab/sound/wav.ts";
import { until } from "../support/until.ts";

const talkMs = 6000;

for (const version of [22, 16] as const) {
  describe(`module killed in mid-call on Asterisk ${version}`, function () {
    this.timeout(90_000);
    let office: Office;

    before(async function () {
      this.timeout(180_000);
      office = await openOffice({ version });
      await office.lab.phone("alice", { answerAfterMs: 100, plays: "tone1000" });
    });
    after(() => office?.stop());
    beforeEach(async () => {
      await office.module.start();
    });
    afterEach(() => office.module.stop());

    /** A call that is being recorded when the module gets SIGKILL. */
    const callAndKill = async () => {
      const before = office.recordings().length;
      const call = await office.lab.call({
        from: "trunk",
        to: "101",
        plays: "tone440",
        hangUpAfterMs: talkMs,
      });
      await until("the recording has a row", () => office.recordings().length > before);
      const recording = office.recordings()[before];
      const file = join(office.dataFolder, "spool/open", `${recording?.id}.wav`);
      await until(
        "Asterisk has written audio",
        () => existsSync(file) && statSync(file).size > 30_000,
        10_000,
      );
      await office.module.kill();
      return { call, index: before };
    };

    const expectWhole = async (index: number): Promise<void> => {
      const row = office.recordings()[index];
      expect(row?.state).to.equal("finished");
      const delivered = await readWav(join(office.archiveFolder, row?.file_name ?? ""));
      for (const hz of [440, 1000])
        expect(totalMs(findTone(monoOf(delivered), hz)), `${hz} Hz`).to.be.within(talkMs - 150, talkMs + 150);
      const report = await office.mitschnitt("report");
      expect(report.stdout).to.contain(row?.file_name);
      expect(office.calls().map((call) => call.outcome)).to.not.include(null);
    };

    it("takes the recording over when it is started again during the call", async () => {
      const { call, index } = await callAndKill();
      await office.module.start();
      await call.ended();
      await office.settled(office.calls().length);
      await expectWhole(index);
      expect(office.recordings()).to.have.length(index + 1);
    });

    it("finishes, delivers and reports the recording when the call ended meanwhile", async () => {
      const { call, index } = await callAndKill();
      await call.ended();
      await office.lab.idle();
      await office.module.start();
      await office.settled(office.calls().length);
      await expectWhole(index);
    });
  });
}
