import { expect } from "chai";
import { type Office, openOffice } from "../../lab/office.ts";
import type { CutOff } from "../../src/core/outcome.ts";
import { expectClosedLedger } from "../support/closed-ledger.ts";
import { callIn, heardIn, nearly, phoneTones, preparePhones } from "../support/office-calls.ts";
import { until } from "../support/until.ts";

/** Asterisk writes in steps of 32 KiB, which are 2.05 s; what it had not written dies with it. */
const lostByAKillMs = 2300;

for (const version of [22, 16] as const) {
  describe(`Asterisk ${version} that is restarted in mid-call`, function () {
    this.timeout(120_000);
    let office: Office;
    let callsBefore = 0;
    let reconnectsBefore = 0;

    before(async function () {
      this.timeout(180_000);
      office = await openOffice({ version });
      await preparePhones(office);
      await office.module.start();
    });
    beforeEach(() => {
      [callsBefore, reconnectsBefore] = [office.calls().length, reconnects()];
    });
    after(() => office?.stop());

    const reconnects = (): number => office.module.log().split('"connected to the PBX again"').length;
    const connectedAgain = (): Promise<void> =>
      until("the module is connected again", () => reconnects() > reconnectsBefore, 20_000);

    const expectNewCallsRecorded = async (): Promise<void> => {
      const call = await callIn(office, "bob", 800);
      await call.recorded();
      await call.hangUp();
      await office.settled(office.calls().length);
      expect(call.outcome()).to.equal("recorded: by-rule");
      const heard = await heardIn(office, call);
      for (const hz of [800, phoneTones.bob]) expect(heard.ms(hz), `${hz} Hz`).to.be.above(1900);
    };

    /** Two recordings and a call that is not due, on a PBX that ends while they go on. */
    const endInMidCall = async (
      end: () => Promise<void>,
      mostLostMs: number,
      cutOff: CutOff | null,
    ): Promise<void> => {
      const first = await callIn(office, "alice", 400);
      const notDue = await callIn(office, "carol", 500);
      const second = await callIn(office, "bob", 600);
      for (const call of [first, second]) await call.recorded(2 * 32_768);
      const talked = [
        { call: first, member: "alice", talkedMs: first.talkedMs() },
        { call: second, member: "bob", talkedMs: second.talkedMs() },
      ] as const;
      await end();
      // The phones do not know yet that nobody is there.
      await office.lab.hangUpAll();
      await connectedAgain();
      await office.settled(callsBefore + 3);

      expect([first, notDue, second].map((call) => call.outcome())).to.deep.equal([
        "recorded: by-rule",
        "not-due: no-member",
        "recorded: by-rule",
      ]);
      for (const { call, member, talkedMs } of talked) {
        expect(call.recordings().map((recording) => recording.cut_off)).to.deep.equal([cutOff]);
        const heard = await heardIn(office, call);
        for (const hz of [call.hz, phoneTones[member]])
          expect(heard.ms(hz), `${hz} Hz`).to.be.within(nearly(talkedMs) - mostLostMs, heard.durationMs);
      }
      await expectNewCallsRecorded();
      await expectClosedLedger(office);
    };

    it("in order: the recordings are finished and delivered, and new calls are recorded", () =>
      endInMidCall(() => office.lab.pbx.restart(), 0, null));

    it("after a kill -9: the recordings are repaired and delivered, and new calls are recorded", () =>
      endInMidCall(
        async () => {
          await office.lab.pbx.kill();
          await office.lab.pbx.restart();
        },
        lostByAKillMs,
        "pbx-gone",
      ));

    it("after a kill -9 of both: the module finds nothing but files, and finishes them", async () => {
      const call = await callIn(office, "alice", 400);
      await call.recorded();
      await Promise.all([office.lab.pbx.kill(), office.module.kill()]);
      await office.lab.pbx.restart();
      await office.lab.hangUpAll();
      await office.module.start();
      await office.settled(callsBefore + 1);
      expect(call.outcome()).to.equal("recorded: by-rule");
      const heard = await heardIn(office, call);
      for (const hz of [400, phoneTones.alice])
        expect(heard.ms(hz), `${hz} Hz`).to.be.within(1900, heard.durationMs);
      await expectNewCallsRecorded();
      await expectClosedLedger(office);
    });
  });
}
