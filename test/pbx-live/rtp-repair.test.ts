import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "chai";
import { type Lab, startLab } from "../../lab/lab.ts";
import { createSipPhone, type SipPhone } from "../../lab/sip/sip-phone.ts";
import { heardMs } from "../../lab/sound/tone.ts";
import { monoOf, readWav } from "../../lab/sound/wav.ts";
import { openRecordingSide } from "../support/recording-side.ts";
import { rule } from "../support/replay.ts";
import { until } from "../support/until.ts";

const memberHz = 700;
const firstHz = 1100;
const secondHz = 1700;
const talkMs = 1500;
/** 16 bits count round: from 50,000 to 30,000 is backwards, to 10,000 would be forwards. */
const numbers = { high: 50_000, low: 30_000 } as const;
/** What a taking up anew costs, and what the phones' packets add. */
const gapMs = 150;

for (const version of [22, 16] as const) {
  describe(`RTP that begins anew on Asterisk ${version}`, function () {
    this.timeout(60_000);
    let lab: Lab;
    const phones: SipPhone[] = [];
    const phone = async (name: string, plays: number): Promise<SipPhone> => {
      const made = await createSipPhone({ name, pbxPort: lab.sipPort, plays, incoming: "ring" });
      phones.push(made);
      return made;
    };
    let member: SipPhone;
    let first: SipPhone;
    let second: SipPhone;
    let folder: string;

    before(async function () {
      this.timeout(180_000);
      lab = await startLab({ version });
      member = await phone("sip1", memberHz);
      first = await phone("sip2", firstHz);
      second = await phone("sip3", secondHz);
    });
    after(async () => {
      for (const one of phones) one.stop();
      await lab?.stop();
    });
    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "mitschnitt-rtp-"));
    });
    afterEach(() => rm(folder, { recursive: true }));

    /** How much of each voice is in the one recording of what happens, and what its timeline tells. */
    const heardIn = async (isRepaired: boolean, happens: () => Promise<void>) => {
      const members = [{ extension: "21", name: "", endpoints: ["PJSIP/sip1"] }];
      const side = await openRecordingSide(lab, folder, {
        rules: [rule({ members })],
        ...(isRepaired ? {} : { losesRestartedRtp: () => false }),
      });
      try {
        await happens();
        await lab.idle();
        const finished = () =>
          side.db.selectFrom("recordings").selectAll().where("state", "=", "finished").execute();
        await until("it is finished", async () => (await finished()).length > 0, 10_000);
        await side.recording.settled();
        const [row] = await finished();
        const samples = monoOf(await readWav(side.spool.transferPath(row?.file_name ?? "")));
        const told = await side.db.selectFrom("timeline").select("kind").execute();
        return {
          member: heardMs(samples, memberHz),
          first: heardMs(samples, firstHz),
          second: heardMs(samples, secondHz),
          kinds: told.map(({ kind }) => kind),
        };
      } finally {
        await side.stop();
      }
    };

    const callMember = async () => {
      const ring = member.nextCall();
      const call = await first.dial({ to: "21", rtp: { sequence: numbers.high } });
      const answered = await ring;
      await answered.answer();
      await call.answered();
      await delay(talkMs);
      return { call, answered };
    };

    /** The member's peer becomes another one, whose numbers are lower; no hold before, which would be a repair itself. */
    const peerChanges = async (): Promise<void> => {
      const { call, answered } = await callMember();
      const ring = second.nextCall();
      const consultation = await first.dial({ to: "23", rtp: { sequence: 45_000 } });
      const target = await ring;
      target.rtp.restart({ sequence: numbers.low });
      await target.answer();
      await consultation.answered();
      await until("they hear each other", () =>
        [target, consultation].every(({ rtp }) => rtp.packetsHeard() > 10),
      );
      await call.transferTo("23", consultation);
      await delay(talkMs + 500);
      await answered.hangUp();
    };

    const loses = version === 22;
    const title = (text: string): string => (loses ? text : `${text}, which this version does not need`);

    it(title("keeps the voice of a new peer whose numbers are lower"), async () => {
      const heard = await heardIn(true, peerChanges);
      expect(heard.first).to.be.above(talkMs - gapMs);
      expect(heard.second).to.be.above(talkMs - gapMs);
      expect(heard.member).to.be.above(2 * talkMs - 2 * gapMs);
    });

    it(`${loses ? "would lose" : "would keep"} that voice without the repair`, async () => {
      const heard = await heardIn(false, peerChanges);
      expect(heard.first).to.be.above(talkMs - gapMs);
      if (loses) expect(heard.second).to.be.below(talkMs / 4);
      else expect(heard.second).to.be.above(talkMs - gapMs);
    });

    /** As a phone that was plugged into another network: no hold, no event, other RTP. Two reports later all is over. */
    const rtpRestarts = async (): Promise<void> => {
      const { call, answered } = await callMember();
      await call.reinvite({ sequence: numbers.low, ssrc: 4711 });
      await delay(restartTalkMs);
      await answered.hangUp();
    };
    const rtcpIntervalMs = 1000;
    const restartTalkMs = 4000;

    it(
      title("hears of a restart that no event tells from the next report of RTCP, and says so"),
      async () => {
        const heard = await heardIn(true, rtpRestarts);
        expect(heard.first).to.be.above(talkMs + restartTalkMs - rtcpIntervalMs - 3 * gapMs);
        if (loses) expect(heard.kinds).to.include("rtp-restarted");
        else expect(heard.kinds).to.not.include("rtp-restarted");
      },
    );

    it(`${loses ? "would lose" : "would keep"} what is said after that without the repair`, async () => {
      const heard = await heardIn(false, rtpRestarts);
      if (loses) expect(heard.first).to.be.below(talkMs + restartTalkMs / 4);
      else expect(heard.first).to.be.above(talkMs + restartTalkMs - gapMs);
    });
  });
}
