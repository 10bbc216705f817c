import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect } from "chai";
import { type ReportStyle, reportCsv } from "../../src/report/report-csv.ts";
import type { ReportRow } from "../../src/report/report-rows.ts";

/** Not `text` of stream/consumers: that swallows the byte order mark. */
const text = async (stream: Readable): Promise<string> => (await buffer(stream)).toString("utf8");

const german: ReportStyle = { language: "de", timeZone: "Europe/Berlin", separator: ";" };
const english: ReportStyle = { language: "en", timeZone: "Europe/Berlin", separator: "," };

const row = (changes: Partial<ReportRow> = {}): ReportRow => ({
  callId: "0",
  caller: "+493012345670",
  called: "10",
  startedAtMs: Date.parse("2026-11-22T12:50:07Z"),
  talkMs: 187_000,
  outcome: "recorded",
  reasonCode: "by-rule",
  reasonParams: '{"rule":"Vertrieb"}',
  files: ["Aufnahme_2026-11-22_13-50-07_+493012345670_10.wav"],
  ...changes,
});

async function* rows(...list: ReportRow[]): AsyncGenerator<ReportRow> {
  yield* list;
}

describe("report as CSV", () => {
  it("is what a German Excel opens: byte order mark, semicolons, Windows line ends", async () => {
    const bytes = await text(reportCsv(rows(row()), german));
    expect(bytes).to.equal(
      "\ufeffAnrufer;Angerufener;Gesprächsstart;Gesprächszeit;Aufzeichnung\r\n" +
        "+493012345670;10;22.11.2026 13:50:07;0:03:07;Aufnahme_2026-11-22_13-50-07_+493012345670_10.wav\r\n",
    );
  });

  it("speaks English with commas", async () => {
    const bytes = await text(reportCsv(rows(row({ files: ["a.wav", "b.wav"] })), english));
    expect(bytes).to.equal(
      "\ufeffCaller,Called,Start,Duration,Recording\r\n" +
        '+493012345670,10,2026-11-22 13:50:07,0:03:07,"a.wav, b.wav"\r\n',
    );
  });

  it("says why there is no file", async () => {
    const declined = row({ files: [], outcome: "declined", reasonCode: null, reasonParams: null });
    const notDue = row({
      files: [],
      outcome: "not-due",
      reasonCode: "direction-off",
      reasonParams: '{"rule":"Vertrieb","direction":"internal"}',
    });
    const bytes = await text(reportCsv(rows(declined, notDue), german));
    expect(bytes).to.contain(";abgelehnt\r\n");
    expect(bytes).to.contain(";nicht fällig: die Regel „Vertrieb“ zeichnet interne Gespräche nicht auf\r\n");
  });

  it("has the wall clock's times on the days on which the clock is changed, and the real lengths", async () => {
    const spring = row({ startedAtMs: Date.parse("2026-03-29T00:59:30Z"), talkMs: 60_000 });
    const autumn = row({ startedAtMs: Date.parse("2026-10-25T00:30:00Z"), talkMs: 3_600_000 });
    const bytes = await text(reportCsv(rows(spring, autumn), german));
    expect(bytes).to.contain(";29.03.2026 01:59:30;0:01:00;");
    expect(bytes).to.contain(";25.10.2026 02:30:00;1:00:00;");
  });

  it("lets no caller add a cell, a row or a formula", async () => {
    const hostile = row({ caller: '=1+1";2\r\nx', called: '"$(touch x)`;,../<script>"' });
    const [, line, end] = (await text(reportCsv(rows(hostile), german))).split("\r\n");
    expect(line).to.match(/^"'=1\+1"";2 x";"""\$\(touch x\)`;,\.\.\/<script>""";22/);
    expect(end).to.equal("");
  });

  it("takes a tab for separator", async () => {
    const bytes = await text(reportCsv(rows(row()), { ...german, separator: "tab" }));
    expect(bytes).to.contain("+493012345670\t10\t22.11.2026");
  });

  it("ends with the error of the journal where that cannot be read on", async () => {
    async function* broken(): AsyncGenerator<ReportRow> {
      yield row();
      throw new Error("disk gone");
    }
    const failure = await text(reportCsv(broken(), german)).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).to.be.instanceOf(Error).with.property("message", "disk gone");
  });
});
