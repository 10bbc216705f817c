import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { type Lab, startLab } from "../../lab/lab.ts";
import { createSipPhone, type SipPhone } from "../../lab/sip/sip-phone.ts";
import { heardMs } from "../../lab/sound/tone.ts";
import { monoOf, readWav } from "../../lab/sound/wav.ts";
import type { Rule } from "../../src/core/rule.ts";
import { openRecordingSide } from "../support/recording-side.ts";
import { rule } from "../support/replay.ts";
import { until } from "../support/until.ts";

const voices = { member: 700, outsider: 1100, stranger: 1700 } as const;
const talkMs = 1500;
/** For the reaction to an event, and the packets on their way. */
const reactionMs = 150;

const member = (extension: string, name: string) => ({ extension, name: "", endpoints: [`PJSIP/${name}`] });

for (const version of [22, 16] as const) {
  describe(`hold and leaving the group on Asterisk ${version}`, function () {
    this.timeout(60_000);
    let lab: Lab;
    let folder: string;
    const phones: SipPhone[] = [];
    const phone = async (name: string, plays: number): Promise<SipPhone> => {
      const made = await createSipPhone({ name, pbxPort: lab.sipPort, plays, incoming: "ring" });
      phones.push(made);
      return made;
    };
    let own: SipPhone;
    let outsider: SipPhone;
    let stranger: SipPhone;

    before(async function () {
      this.timeout(180_000);
      lab = await startLab({ version });
      own = await phone("sip1", voices.member);
      outsider = await phone("sip2", voices.outsider);
      stranger = await phone("sip3", voices.stranger);
    });
    after(async () => {
      for (const one of phones) one.stop();
      await lab?.stop();
    });
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "mitschnitt-hold-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    /** What happens, and afterwards for each recording whose it is and how long each voice is heard in it. */
    const record = async (rules: readonly Rule[], happens: () => Promise<void>) => {
      const side = await openRecordingSide(lab, folder, { rules });
      try {
        await happens();
        await lab.idle();
        await until(
          "the calls have their outcomes",
          async () => (await side.calls()).every((call) => call.outcome !== null),
          10_000,
        );
        const heard = (await side.recordings()).map(async (row) => {
          const samples = monoOf(await readWav(side.spool.transferPath(row.file_name ?? "")));
          const ms = (hz: number): number => heardMs(samples, hz);
          return {
            rule: row.rule_id,
            member: ms(voices.member),
            outsider: ms(voices.outsider),
            stranger: ms(voices.stranger),
          };
        });
        return { recordings: await Promise.all(heard), calls: await side.calls() };
      } finally {
        await side.stop();
      }
    };

    const callMember = async () => {
      const ring = own.nextCall();
      const call = await outsider.dial({ to: "21" });
      const answered = await ring;
      await answered.answer();
      await call.answered();
      await delay(talkMs);
      return { call, answered };
    };

    /** The member goes, and the outsider talks with a stranger. */
    const leaves = async (): Promise<void> => {
      const { answered } = await callMember();
      const ring = stranger.nextCall();
      await answered.transfer("23");
      const target = await ring;
      await target.answer();
      await delay(talkMs);
      await target.hangUp();
    };

    const holds = async (): Promise<void> => {
      const { answered } = await callMember();
      await answered.hold();
      await delay(talkMs);
      await answered.resume();
      await delay(talkMs);
      await answered.hangUp();
    };

    const members = [member("21", "sip1")];

    it("stores nothing of what is said when the last member has gone", async () => {
      const { recordings, calls } = await record([rule({ members })], leaves);
      expect(recordings).to.have.length(1);
      expect(recordings[0]?.outsider).to.be.within(talkMs - reactionMs, talkMs + 2 * reactionMs);
      expect(recordings[0]?.stranger).to.equal(0);
      expect(calls.map((call) => call.outcome)).to.deep.equal(["recorded"]);
    });

    it("goes on then where the rule says so", async () => {
      const { recordings, calls } = await record([rule({ members, afterLeaving: "record" })], leaves);
      expect(recordings).to.have.length(2);
      expect(recordings[0]?.stranger).to.equal(0);
      expect(recordings[1]?.member).to.equal(0);
      for (const voice of ["outsider", "stranger"] as const)
        expect(recordings[1]?.[voice], voice).to.be.above(talkMs - reactionMs);
      expect(calls.map((call) => call.outcome)).to.deep.equal(["recorded"]);
    });

    it("stores nothing of who speaks while he is on hold", async () => {
      const { recordings } = await record([rule({ members })], holds);
      expect(recordings).to.have.length(1);
      expect(recordings[0]?.outsider).to.be.within(2 * talkMs - 2 * reactionMs, 2 * talkMs + reactionMs);
    });

    it("goes on while somebody is on hold where the rule says so", async () => {
      const { recordings } = await record([rule({ members, whileOnHold: "record" })], holds);
      expect(recordings).to.have.length(1);
      expect(recordings[0]?.outsider).to.be.above(3 * talkMs - 3 * reactionMs);
      expect(recordings[0]?.member).to.be.above(2 * talkMs - 3 * reactionMs);
    });

    it("records a call between two groups for each of them", async () => {
      const rules = [
        rule({ id: "sales", members }),
        rule({ id: "support", members: [member("22", "sip2")] }),
      ];
      const { recordings, calls } = await record(rules, async () => {
        const { answered } = await callMember();
        await answered.hangUp();
      });
      expect(recordings.map((recording) => recording.rule).sort()).to.deep.equal(["sales", "support"]);
      for (const recording of recordings)
        for (const voice of ["member", "outsider"] as const)
          expect(recording[voice], `${voice} for ${recording.rule}`).to.be.above(talkMs - reactionMs);
      expect(calls.map((call) => call.outcome)).to.deep.equal(["recorded"]);
    });
  });
}
