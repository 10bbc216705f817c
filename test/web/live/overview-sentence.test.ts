import { expect } from "chai";
import type { Condition } from "../../../src/core/conditions.ts";
import { type OverviewFacts, overviewSentence } from "../../../src/web/live/overview-sentence.ts";
import { sentenceText } from "../../../src/web/live/sentence-words.ts";
import { createWords } from "../../../src/words/words.ts";

const now = new Date("2026-11-18T13:00:00Z");
const ago = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);

const allIsFine: OverviewFacts = {
  now,
  rule: { name: "Vertrieb", enabled: true },
  hasPbxSecret: true,
  settingsBroken: false,
  pbx: { state: "connected", since: ago(5), asteriskVersion: "22.10.0" },
  conditions: [],
  recordingNow: 3,
  today: { recorded: 41, declined: 0, "not-due": 2, failed: 0 },
  targets: [{ name: "Archiv", unreachable: false, waiting: 0, onHold: 0, unreachableSince: undefined }],
};
const condition = (subject: string, code: string, hours: number): Condition => ({
  subject,
  code,
  message: `message of ${code}`,
  hint: "hint",
  since: ago(hours),
});
const archiveDown = {
  name: "Archiv",
  unreachable: true,
  waiting: 17,
  onHold: 0,
  unreachableSince: ago(2),
};

const said = (changes: Partial<OverviewFacts>, language: "de" | "en" = "en"): string =>
  sentenceText(createWords(language), overviewSentence({ ...allIsFine, ...changes }));

describe("the overview's sentence", () => {
  it("says that all is well, with the numbers that show it", () => {
    expect(said({})).to.equal("Everything is fine: 3 calls are being recorded, 41 today; all are delivered.");
    expect(said({}, "de")).to.equal(
      "Alles in Ordnung: 3 Gespräche werden gerade aufgezeichnet, heute waren es 41; alle sind übertragen.",
    );
  });

  it("is as fine on a quiet day, and does not claim that nothing was delivered", () => {
    const quiet = { recordingNow: 0, today: { recorded: 0, declined: 0, "not-due": 0, failed: 0 } };
    expect(said(quiet)).to.equal(
      "Everything is fine: no call is being recorded, none today so far; nothing is waiting.",
    );
    expect(said({ ...quiet, targets: [] })).to.contain("a delivery target is still missing");
  });

  it("says how much waits for a target that takes its files in the evening", () => {
    const targets = [{ ...archiveDown, unreachable: false, unreachableSince: undefined }];
    expect(said({ targets })).to.contain("17 recordings wait for delivery");
  });

  it("says what to set up first", () => {
    expect(said({ rule: undefined, hasPbxSecret: false })).to.contain("Nothing is set up yet");
    expect(said({ hasPbxSecret: false, pbx: { state: "waiting", nextTryAt: now } })).to.contain(
      "login is still missing",
    );
    expect(said({ rule: { name: "Vertrieb", enabled: false } })).to.contain("is switched off");
  });

  it("says for how long the PBX has been unreachable", () => {
    const pbx = { state: "waiting", nextTryAt: now } as const;
    expect(said({ pbx, conditions: [condition("pbx", "pbx-unreachable", 2)] })).to.equal(
      "The PBX has been unreachable for 2 hours: nothing is recorded meanwhile.",
    );
    expect(said({ pbx })).to.equal("The PBX cannot be reached: nothing is being recorded.");
  });

  it("does not call a problem what is only the start", () => {
    expect(overviewSentence({ ...allIsFine, pbx: { state: "connecting" } })).to.deep.equal({
      tone: "quiet",
      kind: "connecting",
    });
  });

  it("says that recordings wait safely while the archive is unreachable", () => {
    expect(said({ targets: [archiveDown] })).to.equal(
      "Target “Archiv” has been unreachable for 2 hours: 17 recordings wait here safely.",
    );
    expect(said({ targets: [{ ...archiveDown, waiting: 1 }] }, "de")).to.equal(
      "Das Ziel „Archiv“ ist seit 2 Stunden nicht erreichbar: 1 Aufzeichnung wartet hier sicher.",
    );
  });

  it("puts what stops recording before what stops delivery, and that before yesterday's news", () => {
    const today = { recorded: 1, declined: 0, "not-due": 0, failed: 2 };
    const everything = {
      conditions: [condition("disk", "disk-full", 1)],
      targets: [archiveDown, { ...archiveDown, unreachable: false, onHold: 3 }],
      today,
    };
    expect(said({ ...everything, settingsBroken: true })).to.contain("disk is full");
    expect(said({ today, settingsBroken: true })).to.contain("settings file is broken");
    expect(said({ ...everything, conditions: [] })).to.contain("unreachable");
    expect(said({ targets: everything.targets.slice(1), today })).to.contain("3 deliveries are on hold");
    expect(said({ conditions: [condition("clock", "clock-wrong", 1)], today })).to.equal(
      "There is a problem: message of clock-wrong",
    );
    expect(said({ today })).to.equal("2 recordings failed today.");
  });
});
