import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect } from "chai";
import { type Office, officeSettings, openOffice } from "../../lab/office.ts";
import { createSipPhone, type SipCall, type SipPhone } from "../../lab/sip/sip-phone.ts";
import { findTone, heardMs } from "../../lab/sound/tone.ts";
import { monoOf, readWav } from "../../lab/sound/wav.ts";
import type { CleanupReport } from "../../src/core/cleanup.ts";
import type { RecordingsTable } from "../../src/journal/tables.ts";
import { readRunFile } from "../../src/run-file.ts";
import { firstAtTheProcessor } from "../support/first-at-the-processor.ts";
import { until } from "../support/until.ts";

/** Frequencies in Hz: each voice has its own. */
const voices = { caller: 440, called: 1000, sip1: 700, sip2: 1300, sip3: 1700 } as const;
const talkMs = 2500;
/** In one packet's time a tone may be cut; a lost packet is a longer pause. */
const longestPauseMs = 25;

const settings = (archiveFolder: string) => {
  const [sales] = officeSettings(0, archiveFolder).rules;
  const sipMembers = ["21", "23"].map((extension) => ({
    extension,
    name: "",
    endpoints: [`PJSIP/sip${extension.slice(1)}`],
  }));
  return {
    rules: [{ ...sales, members: [...(sales?.members ?? []), ...sipMembers] }],
    storage: { cleanup: { stuckAfterMinutes: 0.15, schedule: { kind: "off" } } },
  };
};

for (const version of [22, 16] as const) {
  describe(`cleanup of stuck recordings on Asterisk ${version}`, function () {
    this.timeout(120_000);
    let office: Office;
    let phones: { readonly sip1: SipPhone; readonly sip2: SipPhone; readonly sip3: SipPhone };

    before(async function () {
      this.timeout(180_000);
      office = await openOffice({ version, settings });
      await office.module.start();
      for (const { pid } of [office.lab.pbx, office.lab.world]) firstAtTheProcessor(pid ?? 0);
      const phone = (name: "sip1" | "sip2" | "sip3") =>
        createSipPhone({ pbxPort: office.lab.sipPort, name, plays: voices[name] });
      phones = { sip1: await phone("sip1"), sip2: await phone("sip2"), sip3: await phone("sip3") };
      for (const called of ["alice", "bob"] as const)
        await office.lab.phone(called, { answerAfterMs: 100, plays: `tone${voices.called}` });
      for (const called of ["carol", "dave"] as const)
        await office.lab.phone(called, {
          answerAfterMs: 100,
          plays: `tone${voices.called}`,
          hangUpAfterMs: talkMs,
        });
    });
    after(async () => {
      for (const phone of Object.values(phones ?? {})) phone.stop();
      await office?.lab.hangUpAll();
      await office?.stop();
    });

    /** The recording that begins with what is done here. */
    const recordingOf = async (begin: () => Promise<unknown>): Promise<string> => {
      const before = new Set(office.recordings().map(({ id }) => id));
      await begin();
      const added = () => office.recordings().filter(({ id }) => !before.has(id));
      await until("it is recorded", () => added().length === 1, 20_000);
      return added()[0]?.id ?? "";
    };
    const row = (id: string): RecordingsTable | undefined =>
      office.recordings().find((recording) => recording.id === id);
    /** Over the API: a process for each look would take the processor from those who talk. */
    const ask = async (request: object): Promise<CleanupReport> => {
      const run = await readRunFile(office.dataFolder);
      const response = await fetch(`${run?.address}/api/v1/cleanup`, {
        method: "POST",
        headers: { authorization: `Bearer ${run?.token}`, "content-type": "application/json" },
        body: JSON.stringify(request),
      });
      return (await response.json()) as CleanupReport;
    };
    const cleanup = async (...options: string[]): Promise<CleanupReport> => {
      const { code, stdout, stderr } = await office.mitschnitt("cleanup", "--json", ...options);
      expect(code, stderr).to.equal(0);
      return JSON.parse(stdout) as CleanupReport;
    };
    const found = ({ recordings }: CleanupReport) =>
      Object.fromEntries(
        recordings.map(({ recordingId, reason, state }) => [recordingId, `${reason}: ${state}`]),
      );
    const freedEntries = (): string[] => {
      const journal = new Database(join(office.dataFolder, "journal.db"), { readonly: true });
      try {
        const rows = journal.prepare("select params from timeline where kind = 'freed'").all();
        return (rows as { params: string }[]).map(({ params }) => params);
      } finally {
        journal.close();
      }
    };
    const openSize = (id: string): number => {
      const path = join(office.dataFolder, "spool/open", `${id}.wav`);
      return existsSync(path) ? statSync(path).size : 0;
    };
    /** Files grow in steps of two seconds: everybody has been heard for longer than the phones of the world talk. */
    const haveTalked = (...ids: string[]) =>
      until("they have talked", () => ids.every((id) => openSize(id) > 2 * 32_768), 20_000);
    const placeLive = (to: string) => office.lab.call({ from: "trunk", to, plays: `tone${voices.caller}` });

    /** Delivered as it is here, header right, each voice there for as long as both talked. */
    const expectDelivered = async (id: string, cutOff: string | null, ...tones: number[]): Promise<void> => {
      await until(
        "it is delivered",
        () => office.jobs().some((job) => job.recording_id === id && job.state === "done"),
        20_000,
      );
      const { file_name, cut_off, state } = row(id) ?? {};
      expect([state, cut_off]).to.deep.equal(["finished", cutOff]);
      const delivered = join(office.archiveFolder, file_name ?? "");
      const kept = readFileSync(join(office.dataFolder, "spool/transfer", file_name ?? ""));
      expect(readFileSync(delivered).equals(kept), "delivered as it is here").to.equal(true);
      const wav = await readWav(delivered);
      expect([wav.declaredBytes, wav.declaredRiffBytes]).to.deep.equal([kept.length - 44, kept.length - 8]);
      for (const hz of tones)
        expect(heardMs(monoOf(wav), hz), `${hz} Hz in ${cutOff} recording`).to.be.at.least(talkMs - 300);
    };

    /** Longest pause of a tone between its first and its last moment. */
    const longestPause = async (id: string, hz: number): Promise<number> => {
      const path = join(office.dataFolder, "spool/transfer", row(id)?.file_name ?? "");
      const segments = findTone(monoOf(await readWav(path)), hz);
      expect(segments.length, `${hz} Hz is there`).to.be.greaterThan(0);
      return segments.slice(1).reduce((longest, { startMs }, index) => {
        return Math.max(longest, startMs - (segments[index]?.endMs ?? 0));
      }, 0);
    };

    it("frees a frozen, a leaked and a hanging one, and costs live calls not a packet", async () => {
      const { sip1, sip2, sip3 } = phones;
      let frozen: SipCall[] = [];
      const frozenId = await recordingOf(async () => {
        const called = sip2.nextCall();
        frozen = [await sip1.call("22"), await called];
      });
      const leaked: SipCall[] = [];
      const leakedId = await recordingOf(async () => leaked.push(await sip3.call("leaks")));
      const hangingId = await recordingOf(async () => leaked.push(await sip3.call("hangs")));
      let held: SipCall | undefined;
      const heldId = await recordingOf(async () => {
        const called = sip3.nextCall();
        await sip2.call("23");
        held = await called;
      });
      expect((await office.mitschnitt("cleanup")).stdout).to.equal(
        "Nothing is stuck. 4 recordings in progress left alone.\n",
      );
      const live = [];
      const liveIds: string[] = [];
      for (const to of ["101", "102"])
        liveIds.push(await recordingOf(async () => live.push(await placeLive(to))));
      await haveTalked(frozenId, heldId, ...liveIds);
      await held?.hold();
      for (const call of [...frozen, ...leaked]) call.rtp.mute(true);

      const stuck = {
        [frozenId]: "not-growing",
        [leakedId]: "channel-leaked",
        [hangingId]: "channel-leaked",
      };
      const expected = (state: string) =>
        Object.fromEntries(Object.entries(stuck).map(([id, reason]) => [id, `${reason}: ${state}`]));
      await until(
        "all three are stuck",
        async () => Object.keys(found(await ask({ dryRun: true }))).length >= 3,
        40_000,
      );
      expect(found(await ask({ dryRun: true }))).to.deep.equal(expected("found"));
      expect(office.recordings().map(({ state }) => state)).to.not.include("finished");

      const report = await ask({});
      expect(found(report)).to.deep.equal(expected("finished"));
      expect(report.left).to.equal(3);
      await expectDelivered(frozenId, "stuck", voices.sip1, voices.sip2);
      for (const id of [leakedId, hangingId]) await expectDelivered(id, "stuck", voices.sip3, voices.called);
      expect(freedEntries().sort()).to.deep.equal(
        Object.keys(stuck)
          .map((recording) => JSON.stringify({ recording, cutOff: "stuck" }))
          .sort(),
      );
      expect(found(await ask({}))).to.deep.equal({});

      const [before = 0] = liveIds.map(openSize);
      await until(
        "they have gone on for two steps",
        () => openSize(liveIds[0] ?? "") >= before + 65_536,
        20_000,
      );
      await office.lab.hangUp("alice");
      await office.lab.hangUp("bob");
      for (const id of liveIds) {
        await until("it is finished", () => row(id)?.state === "finished", 20_000);
        await expectDelivered(id, null, voices.caller, voices.called);
        for (const hz of [voices.caller, voices.called])
          expect(await longestPause(id, hz), `pause of ${hz} Hz`).to.be.below(longestPauseMs);
      }
      await held?.resume();
      await held?.hangUp();
      await until("it is finished", () => row(heldId)?.state === "finished", 20_000);
      expect(row(heldId)?.cut_off).to.equal(null);
      for (const call of [...frozen, ...leaked]) await call.hangUp();
      await office.settled(6);
      expect(office.calls().map(({ outcome }) => outcome)).to.deep.equal(Array(6).fill("recorded"));
    });

    it("by force ends also live ones, but only if it is meant, and does not begin them again", async () => {
      const before = office.calls().length;
      const ids: string[] = [];
      for (const to of ["101", "102"]) ids.push(await recordingOf(() => placeLive(to)));
      await haveTalked(...ids);
      const refused = await office.mitschnitt("cleanup", "--force");
      expect(refused.code).to.equal(1);
      expect(refused.stderr).to.match(/2 recordings in progress, 2 of them of live calls/);
      expect(ids.map((id) => row(id)?.state)).to.deep.equal(["open", "open"]);

      const report = await cleanup("--force", "--yes");
      expect(found(report)).to.deep.equal(Object.fromEntries(ids.map((id) => [id, "forced: finished"])));
      for (const id of ids) await expectDelivered(id, "forced", voices.caller, voices.called);
      expect(found(await cleanup("--force", "--yes"))).to.deep.equal({});
      await office.lab.hangUp("alice");
      await office.lab.hangUp("bob");
      await office.settled(before + 2);
      expect(
        office
          .calls()
          .slice(before)
          .map(({ outcome }) => outcome),
      ).to.deep.equal(["recorded", "recorded"]);
      expect(office.recordings().filter(({ state }) => state === "open")).to.deep.equal([]);
    });
  });
}
