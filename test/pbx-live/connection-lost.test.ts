import { expect } from "chai";
import { type AmiProxy, startAmiProxy } from "../../lab/ami-proxy.ts";
import { type Office, officeSettings, openOffice } from "../../lab/office.ts";
import { defaultLimits } from "../../src/pbx/ami-limits.ts";
import { expectClosedLedger } from "../support/closed-ledger.ts";
import { callIn, heardIn, nearly, phoneTones, preparePhones } from "../support/office-calls.ts";
import { until } from "../support/until.ts";

const longestGapMs = 200;
const reconnectWithinMs = 15_000;
/** A silent connection, by the question that nobody answers. */
const noticedWithinMs = defaultLimits.pingEveryMs + defaultLimits.pingTimeoutMs;

for (const version of [22, 16] as const) {
  describe(`a connection to Asterisk ${version} that is lost in mid-call`, function () {
    this.timeout(120_000);
    let proxy: AmiProxy;
    let office: Office;
    let callsBefore = 0;
    let reconnectsBefore = 0;

    before(async function () {
      this.timeout(180_000);
      proxy = await startAmiProxy();
      office = await openOffice({
        version,
        settings: (folder) => ({ pbx: officeSettings(proxy.port, folder).pbx }),
      });
      proxy.forwardTo(office.lab.amiPort);
      await preparePhones(office);
      await office.module.start();
    });
    beforeEach(() => {
      [callsBefore, reconnectsBefore] = [office.calls().length, reconnects()];
    });
    after(async () => {
      await office?.stop();
      await proxy?.stop();
    });

    const reconnects = (): number => office.module.log().split('"connected to the PBX again"').length;
    const connectedAgain = (withinMs: number): Promise<void> =>
      until("the module is connected again", () => reconnects() > reconnectsBefore, withinMs);

    /**
     * Three calls: one goes on all the time, one ends and one begins while the connection is lost. `lose` may hang the
     * second one up itself; it returns when the connection is lost.
     */
    const loseInMidCall = async (
      lose: (ending: { hangUp(): Promise<void> }) => Promise<void>,
      withinMs: number,
    ): Promise<void> => {
      const goesOn = await callIn(office, "alice", 400);
      const ends = await callIn(office, "bob", 500);
      for (const call of [goesOn, ends]) await call.recorded();
      await lose(ends);
      await ends.hangUp();
      const begins = await callIn(office, "bob", 600);
      expect(begins.row(), "a call that began meanwhile").to.equal(undefined);
      proxy.mend();
      await connectedAgain(withinMs + reconnectWithinMs);
      await begins.recorded();
      await goesOn.hangUp();
      await begins.hangUp();
      await office.settled(callsBefore + 3);

      for (const call of [goesOn, ends, begins])
        expect(call.outcome(), `${call.hz} Hz`).to.equal("recorded: by-rule");
      await expectVoices(goesOn, "alice", nearly(goesOn.talkedMs()));
      await expectVoices(ends, "bob", nearly(ends.talkedMs()));
      await expectVoices(begins, "bob", 1900);
      await expectClosedLedger(office);
    };

    const expectVoices = async (
      call: Awaited<ReturnType<typeof callIn>>,
      member: "alice" | "bob",
      leastMs: number,
    ): Promise<void> => {
      const heard = await heardIn(office, call);
      for (const hz of [call.hz, phoneTones[member]]) {
        const what = `${hz} Hz in the call with ${call.hz} Hz`;
        expect(heard.ms(hz), what).to.be.within(leastMs, heard.durationMs);
        expect(heard.longestGapMs(hz), `gap of ${what}`).to.be.below(longestGapMs);
      }
    };

    it("reset: nothing that was recorded is lost, and what began meanwhile is recorded from then on", () =>
      loseInMidCall(async () => proxy.cut(), 0));

    it("cut within the event that ends a call: the call is finished all the same", () =>
      loseInMidCall(async (ending) => {
        const cut = proxy.cutWithin("Hangup");
        await ending.hangUp();
        await cut;
      }, 0));

    it("half-open: is noticed by the question that nobody answers, and nothing is lost", () =>
      loseInMidCall(async () => proxy.freeze(), defaultLimits.pingEveryMs + defaultLimits.pingTimeoutMs));

    it("silent before the PBX's yes: the recording that runs already is taken over, not begun a second time", async () => {
      const saidBefore = office.module.log().length;
      const muted = proxy.muteAfter("DialEnd");
      const call = await callIn(office, "alice", 400);
      await muted;
      await call.recorded();
      await connectedAgain(noticedWithinMs + reconnectWithinMs);
      await until("it is taken over", () => office.module.log().slice(saidBefore).includes('"append":true'));
      await call.hangUp();
      await office.settled(callsBefore + 1);
      expect(call.outcome()).to.equal("recorded: by-rule");
      await expectVoices(call, "alice", nearly(call.talkedMs()));
      await expectClosedLedger(office);
    });

    it("cut within the event that answers a call: it is recorded as soon as the connection is back", async () => {
      const cut = proxy.cutWithin("DialEnd");
      const call = await callIn(office, "alice", 400);
      await cut;
      expect(call.recordings()).to.deep.equal([]);
      proxy.mend();
      await connectedAgain(reconnectWithinMs);
      await call.recorded();
      await call.hangUp();
      await office.settled(callsBefore + 1);
      expect(call.outcome()).to.equal("recorded: by-rule");
      await expectVoices(call, "alice", 1900);
      await expectClosedLedger(office);
    });
  });
}
