import { expect } from "chai";
import { namedPeriods } from "../../../src/web/pages/report.ts";
import { loggedIn, type Visitor } from "../../support/http-visitor.ts";
import { addCall } from "../../support/journal-fixture.ts";
import { fillOffice, type Office, openOffice } from "../../support/office-fixture.ts";

describe("report page", () => {
  let office: Office;
  let admin: Visitor;
  before(async () => {
    office = await openOffice();
    await fillOffice(office);
    admin = await loggedIn(office);
  });
  after(() => office.close());

  it("shows this month unless another period is chosen", async () => {
    const { body } = await admin.get("/report");
    expect(body).to.contain("12 Gespräche").and.contain('value="2026-11-01"');
    expect((await admin.get("/report?from=2026-11-18&to=2026-11-18")).body).to.contain("9 Gespräche");
    expect((await admin.get("/report?from=2026-10-01&to=2026-10-31")).body).to.contain(
      "Kein Gespräch in diesem",
    );
  });

  it("gives the CSV of the days, both inclusive, on the wall clock of the settings", async () => {
    // 23:30 and 0:30 in Berlin.
    await addCall(office.services.db, { started_at: Date.parse("2026-10-24T21:30:00Z"), from_number: "111" });
    await addCall(office.services.db, { started_at: Date.parse("2026-10-24T22:30:00Z"), from_number: "222" });
    await addCall(office.services.db, { started_at: Date.parse("2026-10-25T22:59:00Z"), from_number: "333" });
    await addCall(office.services.db, { started_at: Date.parse("2026-10-25T23:01:00Z"), from_number: "444" });
    const answer = await admin.get("/report.csv?from=2026-10-25&to=2026-10-25");
    expect(answer.headers["content-type"]).to.equal("text/csv; charset=utf-8");
    expect(answer.headers["content-disposition"]).to.match(
      /^attachment; filename="?Bericht_2026-10-25_2026-10-25\.csv"?$/,
    );
    const lines = answer.body.split("\r\n");
    expect(answer.bytes.subarray(0, 3).toString("hex")).to.equal("efbbbf");
    expect(lines[0]).to.equal("\ufeffAnrufer;Angerufener;Gesprächsstart;Gesprächszeit;Aufzeichnung");
    expect(lines.slice(1, -1).map((line) => line.slice(0, 3))).to.deep.equal(["222", "333"]);
  });

  it("refuses days that are none, with a sentence that says which", async () => {
    for (const [query, sentence] of [
      ["", "Von: Erwartet wird ein Tag wie 2026-11-22, angegeben ist „“."],
      [
        "from=2026-02-30&to=2026-03-01",
        "Von: Erwartet wird ein Tag wie 2026-11-22, angegeben ist „2026-02-30“.",
      ],
      ["from=2026-03-01&to=1.4.2026", "Bis: Erwartet wird ein Tag wie 2026-11-22, angegeben ist „1.4.2026“."],
      ["from=2026-03-02&to=2026-03-01", "Der erste Tag (2026-03-02) liegt nach dem letzten (2026-03-01)."],
      ["from=2026-03-02&from=2026-03-01&to=2026-04-01", "Von: Erwartet"],
    ] as const) {
      const answer = await admin.get(`/report.csv?${query}`);
      expect(answer.status, query).to.equal(400);
      expect(answer.body, query).to.contain(sentence);
    }
    const page = await admin.get("/report?from=%3Cb%3E");
    expect(page.status).to.equal(400);
    expect(page.body).to.contain("angegeben ist „&lt;b&gt;“").and.not.contain("CSV herunterladen");
  });

  it("knows the periods that people ask for", () => {
    expect(namedPeriods("2026-11-18")).to.deep.equal({
      today: { from: "2026-11-18", to: "2026-11-18" },
      yesterday: { from: "2026-11-17", to: "2026-11-17" },
      "this-week": { from: "2026-11-16", to: "2026-11-18" },
      "this-month": { from: "2026-11-01", to: "2026-11-18" },
      "last-month": { from: "2026-10-01", to: "2026-10-31" },
    });
    expect(namedPeriods("2026-01-01")["last-month"]).to.deep.equal({ from: "2025-12-01", to: "2025-12-31" });
    expect(namedPeriods("2026-11-22")["this-week"].from).to.equal("2026-11-16");
  });
});
