import { expect } from "chai";
import { type Office, openOffice } from "../../lab/office.ts";
import { expectClosedLedger } from "../support/closed-ledger.ts";
import {
  callIn,
  heardIn,
  nearly,
  type OfficeCall,
  phoneTones,
  preparePhones,
} from "../support/office-calls.ts";
import { until } from "../support/until.ts";

/** Where a tone begins, ends or stutters, it has a touch of every other in it. */
const touchMs = 200;

for (const version of [22, 16] as const) {
  describe(`a module that comes and goes on Asterisk ${version}`, function () {
    this.timeout(90_000);
    let office: Office;

    before(async function () {
      this.timeout(180_000);
      office = await openOffice({ version });
      await preparePhones(office);
    });
    after(() => office?.stop());
    afterEach(() => office.module.stop());

    const channelName = async (belongs: (fields: readonly string[]) => boolean): Promise<string> => {
      const lines = (await office.lab.pbx.cli("core show channels concise")).split("\n");
      const name = lines.map((line) => line.split("!")).find(belongs)?.[0];
      if (name === undefined) throw new Error(`no such channel in:\n${lines.join("\n")}`);
      return name;
    };

    /** By the PBX itself; returns when the other phone has answered. */
    const transferBlindly = async (channel: string, extension: string): Promise<void> => {
      const answered = office.lab.pbx.ami.nextEvent(
        `answer of ${extension}`,
        (event) => event.Event === "DialEnd" && event.DialStatus === "ANSWER",
      );
      await office.lab.pbx.ami.action("BlindTransfer", {
        Channel: channel,
        Context: "from-internal",
        Exten: extension,
      });
      await answered;
    };

    it("records calls that it finds going on, from then on and with both voices", async () => {
      const due = await callIn(office, "alice", 400);
      const notDue = await callIn(office, "carol", 500);
      await office.module.start();
      const startedAt = performance.now();
      await due.recorded();
      const talkedMs = performance.now() - startedAt;
      for (const call of [due, notDue]) await call.hangUp();
      await office.settled(2);

      expect([due.outcome(), notDue.row()?.outcome]).to.deep.equal(["recorded: by-rule", "not-due"]);
      expect(due.row()).to.include({ direction: "incoming", to_number: "101", member_extension: "10" });
      const heard = await heardIn(office, due);
      for (const hz of [400, phoneTones.alice])
        expect(heard.ms(hz), `${hz} Hz`).to.be.within(nearly(talkedMs), heard.durationMs);
      expect(heard.ms(phoneTones.carol)).to.be.below(touchMs);
      await expectClosedLedger(office);
    });

    it("does not say of an answered call that it found going on that nobody was rung", async () => {
      const call = await callIn(office, "carol", 500);
      await office.module.start();
      await until("the call has a row", () => call.row() !== undefined);
      await call.hangUp();
      await office.settled(office.calls().length);
      expect(call.outcome()).to.equal("not-due: no-member");
    });

    it("puts everything in order that came, went and moved while it was down", async () => {
      await office.module.start();
      const callsBefore = office.calls().length;
      const ended = await callIn(office, "alice", 300);
      const goesOn = await callIn(office, "bob", 400);
      const leaves = await callIn(office, "alice", 500);
      const joins = await callIn(office, "carol", 600);
      for (const call of [ended, goesOn, leaves]) await call.recorded();
      await office.module.kill();

      await ended.hangUp();
      const memberChannel = leaves.recordings()[0]?.channel_uniqueid ?? "";
      await transferBlindly(await channelName((fields) => fields.includes(memberChannel)), "12");
      await transferBlindly(await channelName(([name]) => name?.startsWith("PJSIP/carol") ?? false), "11");
      const unseen = await callIn(office, "alice", 700);
      await unseen.hangUp();
      const begins = await callIn(office, "alice", 800);

      await office.module.start();
      for (const call of [joins, begins]) await call.recorded();
      for (const call of [goesOn, leaves, joins, begins]) await call.hangUp();
      await office.settled(callsBefore + 5);

      const seen: readonly OfficeCall[] = [ended, goesOn, leaves, joins, begins];
      expect(seen.map((call) => call.outcome())).to.deep.equal(seen.map(() => "recorded: by-rule"));
      expect(unseen.row()).to.equal(undefined);
      await expectBothVoices(ended, "alice", nearly(ended.talkedMs()));
      await expectBothVoices(goesOn, "bob", nearly(goesOn.talkedMs()));
      await expectBothVoices(leaves, "alice", 2000);
      await expectBothVoices(joins, "bob", 1900);
      await expectBothVoices(begins, "alice", 1900);
      await expectClosedLedger(office);
    });

    /** And nobody else's. */
    const expectBothVoices = async (call: OfficeCall, member: "alice" | "bob", leastMs: number) => {
      const heard = await heardIn(office, call);
      for (const hz of [call.hz, phoneTones[member]])
        expect(heard.ms(hz), `${hz} Hz in the call with ${call.hz} Hz`).to.be.within(
          leastMs,
          heard.durationMs,
        );
      for (const [who, hz] of Object.entries(phoneTones))
        if (who !== member)
          expect(heard.ms(hz), `${who} in the call with ${call.hz} Hz`).to.be.below(touchMs);
    };
  });
}
