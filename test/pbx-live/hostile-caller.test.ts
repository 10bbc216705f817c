// Callers who try everything that a SIP header lets them: what they write stays text, their calls are recorded, and
// other people's calls go on.

import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { waitUntil } from "../../lab/deadline.ts";
import { type Office, openOffice } from "../../lab/office.ts";
import type { DialOptions } from "../../lab/sip/sip-phone.ts";
import { createSipPhone, type SipPhone } from "../../lab/sip/sip-phone.ts";
import { findTone, heardMs, totalMs } from "../../lab/sound/tone.ts";
import { monoOf, readWav } from "../../lab/sound/wav.ts";

const callerHz = 700;
const memberHz = 1000;
const talkMs = 1000;
const harmlessName = /^Aufnahme_[0-9A-Za-z+_.-]+\.wav$/;
/** What may come to be while calls are recorded, delivered and reported. */
const ownFile = /^(Aufnahme_[0-9A-Za-z+_.-]+|[0-9A-Za-z-]+)\.wav$|^journal\.db(-wal|-shm)?$/;

/** As it stands in a SIP URI: everything but digits and letters is escaped. */
const inUri = (text: string) =>
  Buffer.from(text)
    .toString("latin1")
    .replace(/[^0-9A-Za-z]/g, (c) => `%${c.charCodeAt(0).toString(16).padStart(2, "0")}`);

for (const version of [22, 16] as const) {
  describe(`hostile callers on Asterisk ${version}`, function () {
    this.timeout(60_000);
    let office: Office;
    let carrier: SipPhone;
    let filesBefore: ReadonlySet<string>;
    let workingFolderBefore: readonly string[];

    const files = () => readdirSync(office.lab.dir, { recursive: true, encoding: "utf8" });

    before(async function () {
      this.timeout(180_000);
      office = await openOffice({ version });
      const settingsFile = join(office.dataFolder, "settings.json");
      const settings = JSON.parse(readFileSync(settingsFile, "utf8"));
      settings.pbx.trunks.push("PJSIP/carrier");
      writeFileSync(settingsFile, JSON.stringify(settings));
      // As in many a dialplan: a pattern that takes anything.
      const anything = "\n[from-trunk]\nexten => _9X.,1,Dial(PJSIP/alice,30)\n same => n,Hangup()\n";
      appendFileSync(join(office.lab.pbx.etcDir, "extensions.conf"), anything);
      await office.lab.pbx.cli("dialplan reload");
      await office.module.start();
      carrier = await createSipPhone({
        pbxPort: office.lab.sipPort,
        name: "carrier",
        registers: false,
        plays: callerHz,
      });
      for (const phone of ["alice", "bob"] as const)
        await office.lab.phone(phone, { answerAfterMs: 100, plays: `tone${memberHz}` });
      await callIn({ fromUser: "030" });
      filesBefore = new Set(files());
      workingFolderBefore = readdirSync(process.cwd());
    });
    after(async () => {
      carrier?.stop();
      await office?.stop();
    });

    const newest = () => ({ call: office.calls().at(-1), recording: office.recordings().at(-1) });

    async function talk(options: Partial<DialOptions>) {
      const { to = "101", headers = [], ...how } = options;
      const call = await carrier.call(to, { ...how, headers: [["X-Carrier", "yes"], ...headers] });
      await waitUntil("the member's voice", () => heardMs(call.heard(), memberHz) >= talkMs);
      return call;
    }

    async function callIn(options: Partial<DialOptions>) {
      const callsBefore = office.calls().length;
      const call = await talk(options);
      await call.hangUp();
      await office.settled(callsBefore + 1);
      return newest();
    }

    const voices = async (fileName: string | null, ...hz: number[]) => {
      const samples = monoOf(await readWav(join(office.dataFolder, "spool/transfer", fileName ?? "")));
      return hz.map((frequency) => totalMs(findTone(samples, frequency)));
    };

    async function expectRecorded({ call, recording }: ReturnType<typeof newest>) {
      expect(`${call?.outcome}: ${call?.reason_code}`).to.equal("recorded: by-rule");
      expect(call).to.include({ direction: "incoming", member_extension: "10" });
      expect(recording?.file_name).to.match(harmlessName);
      expect(readdirSync(office.archiveFolder)).to.include(recording?.file_name);
      for (const ms of await voices(recording?.file_name ?? "", callerHz, memberHz))
        expect(ms).to.be.above(talkMs - 200);
    }

    const conditions = async () => {
      const status = await office.mitschnitt("status", "--json");
      return JSON.parse(status.stdout).conditions.map(({ code }: { code: string }) => code);
    };

    it("records a caller whose name is a command, with line breaks, and shows the name as text", async () => {
      const identity = '"\\"$(touch x)`;,..\r\n /<script>\\"" <sip:+49301@127.0.0.1>';
      const { call, recording } = await callIn({ headers: [["P-Asserted-Identity", identity]] });
      await expectRecorded({ call, recording });
      expect(call).to.include({ from_number: "+49301", from_name: '"$(touch x)`;,.. /<script>"' });
      expect(recording?.file_name).to.match(/_\+49301_10\.wav$/);
    });

    const hostileNumbers = [
      "../../etc/passwd",
      "\"';,|&$(touch x)`touch x`",
      '=1+1;,"x"',
      "030\r\nUniqueid: 6.6\r\nLinkedid: 6.6",
      "030\r\nPriority: 1\r\nUniqueid: 6.6\r\nLinkedid: 6.6",
      "030\r\n\r\nEvent: Hangup\r\nPrivilege: call,all\r\nUniqueid: 6.6",
      "030\r\n\r\nResponse: Success\r\n\r\n",
      "030\0\u0001\u007f\t",
    ];
    for (const number of hostileNumbers) {
      it(`records a caller whose number is ${JSON.stringify(number)}`, async () => {
        const result = await callIn({ fromUser: inUri(number) });
        await expectRecorded(result);
        // Asterisk itself cuts at a semicolon (parameters of the user part).
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
        expect(result.call?.from_number).to.equal(number.split(/[\x00-\x1f;]/)[0]);
      });
    }

    it("tells the operator", async () => {
      expect(await conditions()).to.include("pbx-forged-events");
    });

    it("keeps recording a call that another caller pretends to have ended", async () => {
      const callsBefore = office.calls().length;
      const victim = await office.lab.call({ from: "trunk", to: "102", plays: "tone440" });
      await waitUntil("its recording", () => office.recordings().some(({ state }) => state === "open"));
      const channel = office.recordings().at(-1)?.channel_uniqueid ?? "";
      const linkedid = office.calls().at(-1)?.linkedid ?? "";
      for (const uniqueid of [channel, linkedid]) {
        const asNumber = `1\r\n\r\nEvent: Hangup\r\nPrivilege: call,all\r\nUniqueid: ${uniqueid}`;
        const asHeader = `1\r\nUniqueid: ${uniqueid}\r\nLinkedid: ${linkedid}`;
        for (const number of [asNumber, asHeader]) {
          expect(number.length).to.be.below(80);
          await (await talk({ fromUser: inUri(number) })).hangUp();
        }
      }
      expect(
        office.recordings().find(({ channel_uniqueid }) => channel_uniqueid === channel)?.state,
      ).to.equal("open");
      await victim.hangUp();
      await office.settled(callsBefore + 5);
      const recording = office.recordings().find(({ channel_uniqueid }) => channel_uniqueid === channel);
      const [caller = 0, member = 0] = await voices(recording?.file_name ?? "", 440, memberHz);
      expect(Math.min(caller, member)).to.be.above(4 * talkMs);
      const outcomes = office
        .calls()
        .slice(callsBefore)
        .map(({ outcome }) => outcome);
      expect(outcomes).to.eql(Array(5).fill("recorded"));
    });

    it("finds a hostile caller's call again after a restart", async () => {
      const callsBefore = office.calls().length;
      const call = await talk({ fromUser: inUri("030\r\n\r\nEvent: Hangup\r\nUniqueid: 6.6") });
      await office.module.kill();
      await office.module.start();
      const afterwards = heardMs(call.heard(), memberHz) + talkMs;
      await waitUntil("more of the member's voice", () => heardMs(call.heard(), memberHz) >= afterwards);
      await call.hangUp();
      await office.settled(callsBefore + 1);
      await expectRecorded(newest());
      const [, member = 0] = await voices(newest().recording?.file_name ?? "", callerHz, memberHz);
      expect(member).to.be.above(2 * talkMs - 200);
    });

    const hostileExtensions = [
      "91\r\nUniqueid: 6.6",
      "91\r\n\r\nEvent: Hangup\r\nPrivilege: call,all\r\nUniqueid: 6.6",
      "91\r\nPriority: 1\r\nUniqueid: 6.6\r\nLinkedid: 6.6\r\n\r\nEvent: Hold\r\n\r\n",
      "91\r\nDestPriority: 1\r\nDestUniqueid: 6\r\nDestLinkedid: 6\r\nDialString: x",
    ];
    for (const extension of hostileExtensions) {
      it(`records a call to the extension ${JSON.stringify(extension)}`, async () => {
        expect(extension.length).to.be.below(80);
        const result = await callIn({ to: inUri(extension), fromUser: "0302" });
        await expectRecorded(result);
        expect(result.call?.to_number).to.equal("91");
        expect(result.call?.linkedid)
          .to.match(/^\d+\.\d+$/)
          .and.not.match(/^6/);
      });
    }

    it("reports them as text", async () => {
      const { stdout } = await office.mitschnitt("report");
      expect(stdout).to.include("+49301").and.include("../../etc/passwd");
      expect(stdout).to.not.match(/(^|;)"?[=@]/m);
      const lines = stdout.trim().split("\r\n");
      expect(lines).to.have.length(office.calls().length + 1);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
      expect(stdout).to.not.match(/[\x00-\x09\x0b\x0c\x0e-\x1f]/);
    });

    it("has left no file but its own, nowhere", () => {
      const others = files().filter(
        (path) => !filesBefore.has(path) && !ownFile.test(path.split("/").at(-1) ?? ""),
      );
      expect(others).to.eql([]);
      expect(readdirSync(process.cwd())).to.eql(workingFolderBefore);
      expect(readdirSync(office.archiveFolder).filter((name) => !harmlessName.test(name))).to.eql([]);
      expect(readFileSync(office.lab.pbx.logFile, "utf8")).to.not.include("touch: ");
    });
  });
}
