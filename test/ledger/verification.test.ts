import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { CdrError } from "../../src/cdr/cdr-error.ts";
import type { Difference } from "../../src/core/reconciliation.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { createSettingsHistory } from "../../src/journal/settings-history.ts";
import { noteChannels } from "../../src/journal/timeline.ts";
import { type VerificationSummary, verifyLedger } from "../../src/ledger/verification.ts";
import { defaultSettings } from "../../src/settings/schema.ts";
import { cdr, cdrLine } from "../support/cdr-lines.ts";
import { addCall, addRecording, openMemoryJournal } from "../support/journal-fixture.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const startMs = Date.parse("2026-11-25T10:00:00Z");
const dayMs = 86_400_000;

const settings = {
  ...defaultSettings(),
  pbx: { ...defaultSettings().pbx, trunks: ["PJSIP/trunk"] },
  rules: [
    {
      id: "sales",
      name: "Sales",
      enabled: true,
      members: [{ extension: "10", name: "Alice", endpoints: ["PJSIP/alice"] }],
      directions: { incoming: true, outgoing: true, internal: true },
      whileOnHold: "stop",
      afterLeaving: "stop",
    },
  ],
};

describe("verification of the ledger", () => {
  const folder = temporaryFolder();
  let journal: Journal;

  beforeEach(async () => {
    journal = await openMemoryJournal();
    await createSettingsHistory(journal.db, () => new Date(startMs - dayMs)).add(settings, "test");
  });
  afterEach(() => journal.close());

  const write = (lines: readonly string[], name = "Master.csv"): string => {
    const path = join(folder(), name);
    writeFileSync(path, lines.map((line) => `${line}\n`).join(""));
    return path;
  };

  const verify = async (
    cdrFiles: readonly string[],
    how: { readonly fromMs?: number; readonly toMs?: number; readonly live?: readonly string[] } = {},
  ): Promise<{ summary: VerificationSummary; differences: readonly Difference[] }> => {
    const differences: Difference[] = [];
    const summary = await verifyLedger(
      {
        db: journal.db,
        pbxId: "pbx",
        cdrFiles,
        period: { fromMs: how.fromMs ?? startMs - dayMs, toMs: how.toMs ?? startMs + dayMs },
        now: new Date(startMs + 2 * dayMs),
        settleMs: 10_000,
        liveCallIds: new Set(how.live ?? []),
      },
      (difference) => differences.push(difference),
    );
    return { summary, differences };
  };

  /** A call and its recording as `cdr()` tells it. */
  const addTold = async (linkedid = "1795600800.1", startedAt = startMs + 400) => {
    const call = await addCall(journal.db, {
      linkedid,
      started_at: startedAt,
      answered_at: startedAt + 5_000,
      ended_at: startedAt + 59_800,
      from_number: "0301234567",
      to_number: "100",
    });
    const recording = await addRecording(journal.db, call);
    return { call, recording };
  };

  const failure = async (file: string): Promise<string> => {
    try {
      await verify([file]);
    } catch (error) {
      return error instanceof CdrError ? error.code : String(error);
    }
    return "";
  };

  it("finds no difference where both tell the same", async () => {
    await addTold();
    const { summary, differences } = await verify([write([cdrLine(cdr())])]);
    expect(differences).to.deep.equal([]);
    expect(summary).to.deep.equal({
      calls: 1,
      cdrs: 1,
      unreadable: 0,
      nameless: 0,
      differences: 0,
      unsettled: 0,
    });
  });

  it("finds the call of a CDR by its channel, also where the linkedid is another's", async () => {
    const { call } = await addTold("1795600799.7");
    const other = cdr({ uniqueid: "1795600800.3", linkedid: "1795600777.9" });
    const file = write([cdrLine(other)]);
    expect((await verify([file])).differences.map(({ kind }) => kind)).to.deep.equal([
      "no-cdr",
      "not-in-ledger",
    ]);
    await noteChannels(
      journal.db,
      call.id,
      [{ pbxId: "pbx", uniqueid: other.uniqueid, name: "PJSIP/trunk-1" }],
      new Date(),
    );
    expect((await verify([file])).differences).to.deep.equal([]);
  });

  it("finds it by the linkedid alone, and by the uniqueid alone", async () => {
    await addTold();
    for (const form of [{ uniqueid: false }, { newColumns: false }])
      expect((await verify([write([cdrLine(cdr(), form)])])).differences).to.deep.equal([]);
  });

  it("names each call that the ledger lacks once, by its first CDR", async () => {
    await addTold();
    const [linkedid, uniqueid] = ["1795604400.5", "1795604400.5"];
    const later = (minutes: number, destination: string) =>
      cdr({ linkedid, uniqueid, destination, startedAt: new Date(startMs + (60 + minutes) * 60_000) });
    const file = write([cdrLine(cdr()), cdrLine(later(2, "12")), cdrLine(later(0, "100"))]);
    const { differences } = await verify([file]);
    expect(differences).to.deep.equal([
      {
        kind: "not-in-ledger",
        callId: undefined,
        linkedid,
        startedAt: new Date(startMs + 3_600_000),
        params: { from: "0301234567", to: "100" },
      },
    ]);
  });

  it("leaves out calls that began outside of the period, and those before the ledger's first", async () => {
    await addTold();
    const at = (startedAt: Date, serial: number) => {
      const name = `${startedAt.getTime() / 1000}.${serial}`;
      return cdrLine(cdr({ startedAt, uniqueid: name, linkedid: name }));
    };
    const file = write([
      at(new Date(startMs - 3_600_000), 2),
      cdrLine(cdr()),
      at(new Date(startMs + dayMs + 3_600_000), 3),
    ]);
    expect((await verify([file])).differences).to.deep.equal([]);
  });

  it("judges by the rules that were in force when the call began", async () => {
    await addCall(journal.db, {
      linkedid: "1795600800.1",
      started_at: startMs + 400,
      answered_at: startMs + 5_000,
      ended_at: startMs + 60_000,
      outcome: "not-due",
      reason_code: "rule-off",
    });
    const file = write([cdrLine(cdr())]);
    expect((await verify([file])).differences.map(({ kind }) => kind)).to.deep.equal(["no-recording"]);
    const off = { ...settings, rules: settings.rules.map((rule) => ({ ...rule, enabled: false })) };
    await createSettingsHistory(journal.db, () => new Date(startMs - 1000)).add(off, "test");
    expect((await verify([file])).differences).to.deep.equal([]);
    await createSettingsHistory(journal.db, () => new Date(startMs + 1000)).add(settings, "test");
    expect((await verify([file])).differences).to.deep.equal([]);
  });

  it("takes calls that were merged as one story, in whichever of them the recording is", async () => {
    const first = await addCall(journal.db, {
      linkedid: "1795600800.1",
      started_at: startMs + 400,
      answered_at: null,
      ended_at: startMs + 90_000,
      outcome: "not-due",
      reason_code: "no-member",
    });
    const { call } = await addTold("1795600801.4", startMs + 1_000);
    const file = write([cdrLine(cdr())]);
    expect((await verify([file])).differences.map(({ kind }) => kind)).to.deep.equal([
      "no-conversation",
      "no-cdr",
    ]);
    await journal.db.updateTable("calls").set({ tied_to: first.id }).where("id", "=", call.id).execute();
    const { summary, differences } = await verify([file]);
    expect(differences).to.deep.equal([]);
    expect(summary.calls).to.equal(2);
  });

  it("finds a member's talk in the conference of somebody else's call", async () => {
    const who = (channel: string, dstChannel: string, uniqueid: string) =>
      cdrLine(cdr({ channel, dstChannel, uniqueid, linkedid: uniqueid, lastApp: "ConfBridge" }));
    // As measured: the outside party came first, so both of them stand in the CDR of his call.
    const lines = [
      who("PJSIP/trunk-00000001", "PJSIP/alice-00000002", "1795600800.1"),
      who("PJSIP/alice-00000002", "", "1795600801.2"),
    ];
    const alone = { answered_at: null, outcome: "not-due", reason_code: "nobody-dialled" } as const;
    await addCall(journal.db, {
      linkedid: "1795600800.1",
      started_at: startMs,
      ended_at: startMs + 60_000,
      ...alone,
    });
    const { call, recording } = await addTold("1795600801.2", startMs + 1_000);
    expect((await verify([write(lines)])).differences).to.deep.equal([]);
    await journal.db.deleteFrom("recordings").where("id", "=", recording.id).execute();
    expect(
      (await verify([write(lines)])).differences.map(({ kind, callId }) => [kind, callId]),
    ).to.deep.equal([["no-recording", call.id]]);
  });

  it("counts calls that the module holds, and does not judge them", async () => {
    const call = await addCall(journal.db, {
      linkedid: "1795600800.1",
      started_at: startMs + 400,
      ended_at: null,
      outcome: null,
    });
    const file = write([cdrLine(cdr())]);
    expect((await verify([file], { live: [call.id] })).summary).to.include({ differences: 0, unsettled: 1 });
    expect((await verify([file])).differences.map(({ kind }) => kind)).to.deep.equal(["no-outcome"]);
  });

  it("reads several files, as a rotation leaves them", async () => {
    await addTold();
    await addTold("1795604400.8", startMs + 3_600_400);
    const later = cdr({
      linkedid: "1795604400.8",
      uniqueid: "1795604400.8",
      startedAt: new Date(startMs + 3_600_000),
    });
    const files = [write([cdrLine(later)]), write([cdrLine(cdr())], "Master.csv.1")];
    expect((await verify(files)).differences).to.deep.equal([]);
    // The younger file alone says nothing of what was before it.
    expect((await verify(files.slice(0, 1))).differences).to.deep.equal([]);
    expect((await verify(files.slice(1))).differences.map(({ kind }) => kind)).to.deep.equal(["no-cdr"]);
  });

  it("refuses CDRs that do not tell their calls, and counts them where only some do not", async () => {
    await addTold();
    const nameless = cdrLine(cdr(), { uniqueid: false, newColumns: false });
    expect(await failure(write([nameless]))).to.equal("cdr-columns");
    expect(await failure(write(["a,b,c"]))).to.equal("cdr-no-csv");
    const { summary } = await verify([write([nameless, cdrLine(cdr()), "a,b,c"])]);
    expect(summary).to.include({ cdrs: 1, nameless: 1, unreadable: 1, differences: 0 });
  });

  it("takes a file with nothing in it for no proof of anything", async () => {
    await addTold();
    expect((await verify([write([])])).summary).to.include({ cdrs: 0, differences: 0 });
  });
});
