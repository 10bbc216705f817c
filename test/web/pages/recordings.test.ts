import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { servedFile } from "../../../src/web/pages/recording-audio.ts";
import { loggedIn, type Visitor } from "../../support/http-visitor.ts";
import { addCall, addRecording } from "../../support/journal-fixture.ts";
import { fillOffice, type Office, officeNow, openOffice } from "../../support/office-fixture.ts";

describe("the list of calls", () => {
  let office: Office;
  let admin: Visitor;
  before(async () => {
    office = await openOffice();
    await fillOffice(office);
    admin = await loggedIn(office);
  });
  after(() => office.close());

  const rowsOf = (html: string): number => html.match(/class="cell-outcome"/g)?.length ?? 0;

  it("shows each call with its outcome and the reason in words", async () => {
    const { body } = await admin.get("/recordings");
    expect(rowsOf(body)).to.equal(14);
    expect(body).to.contain("die Regel „Vertrieb“ zeichnet interne Gespräche nicht auf");
    expect(body).to.contain("der Anrufer hat aufgelegt, bevor jemand abnahm");
    expect(body).to.contain("heute").and.contain("gestern");
  });

  it("plays what is here and says where the rest went", async () => {
    const { body } = await admin.get("/recordings");
    expect(body.match(/<audio /g)).to.have.length(3);
    expect(body).to.contain("übertragen nach");
  });

  it("searches by number, name, day and outcome", async () => {
    const found = async (query: string): Promise<number> =>
      rowsOf((await admin.get(`/recordings?${query}`)).body);
    expect(await found("q=0331+987-6540")).to.equal(2);
    expect(await found("q=kr%C3%BCger")).to.equal(2);
    expect(await found("outcome=failed")).to.equal(1);
    expect(await found("from=2026-11-18&to=2026-11-18")).to.equal(11);
    expect(await found("to=2026-11-17")).to.equal(3);
    expect(await found("outcome=declined&q=%C3%96zt%C3%BCrk")).to.equal(1);
    expect(await found("outcome=constructor")).to.equal(14);
  });

  it("says so where nothing is found, and where a date is none", async () => {
    expect((await admin.get("/recordings?q=99999999")).body).to.contain("Nichts gefunden");
    const bad = await admin.get("/recordings?from=gestern%3Cb%3E");
    expect(bad.status).to.equal(400);
    expect(bad.body).to.contain("eingegeben ist „gestern&lt;b&gt;“");
  });

  it("turns pages without losing the search", async () => {
    const big = await openOffice();
    for (let i = 0; i < 60; i += 1)
      await addCall(big.services.db, { started_at: officeNow.getTime() - i * 1000, from_name: "Maier" });
    const visitor = await loggedIn(big);
    const first = await visitor.get("/recordings?q=Maier");
    expect(rowsOf(first.body)).to.equal(50);
    const href = /href="([^"]+)" rel="next"/.exec(first.body)?.[1]?.replaceAll("&amp;", "&") ?? "";
    expect(href).to.contain("q=Maier");
    const second = await visitor.get(href);
    expect(rowsOf(second.body)).to.equal(10);
    expect(second.body).not.to.contain('rel="next"');
    await big.close();
  });
});

describe("a recording's sound", () => {
  let office: Office;
  let admin: Visitor;
  let id: string;
  beforeEach(async () => {
    office = await openOffice();
    id = (await fillOffice(office)).recordingId;
    admin = await loggedIn(office);
  });
  afterEach(() => office.close());

  it("comes whole, and in the ranges that a player asks for", async () => {
    const whole = await admin.get(`/recordings/${id}/audio`);
    expect(whole.status).to.equal(200);
    expect(whole.headers["content-type"]).to.equal("audio/wav");
    expect(whole.headers["content-disposition"]).to.equal(undefined);
    expect(whole.bytes.subarray(0, 4).toString()).to.equal("RIFF");
    const part = await admin.get(`/recordings/${id}/audio`, { range: "bytes=8-15" });
    expect(part.status).to.equal(206);
    expect(part.headers["content-range"]).to.equal(`bytes 8-15/${whole.bytes.length}`);
    expect(part.body).to.equal("WAVEfmt ");
    expect((await admin.get(`/recordings/${id}/audio`, { range: "bytes=9999999-" })).status).to.equal(416);
    expect(whole.headers["cache-control"]).to.equal("no-store");
  });

  it("downloads under its name, also a name that headers cannot carry", async () => {
    const plain = await admin.get(`/recordings/${id}/download`);
    expect(plain.headers["content-disposition"]).to.match(
      /^attachment; filename="?Aufnahme_2026-11-18_14-33-17_\+493319876540_10\.wav"?$/,
    );
    const call = await addCall(office.services.db);
    const name = 'Grüße "von" Ö;\'%41.wav';
    const odd = await addRecording(office.services.db, call, { file_name: name });
    writeFileSync(join(office.folder, "spool/transfer", name), "RIFF");
    const answer = await admin.get(`/recordings/${odd.id}/download`);
    expect(answer.headers["content-disposition"]).to.contain("filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%22von%22");
  });

  it("is nothing for an id that is unknown, short, or a path", async () => {
    for (const wrong of ["0".repeat(32), "1", "..%2F..%2Fsettings.json", `${id}%00`, id.toUpperCase()])
      for (const kind of ["audio", "download"])
        expect((await admin.get(`/recordings/${wrong}/${kind}`)).status, wrong).to.equal(404);
  });

  it("is nothing where the file lies outside the spool, whatever link leads there", async () => {
    const secret = join(office.folder, "secrets", "ami");
    const link = join(office.folder, "spool", "transfer", "link.wav");
    symlinkSync(secret, link);
    for (const path of [secret, link, join(office.folder, "spool", "..", "settings.json"), "/etc/passwd"]) {
      const services = { recordingFile: async () => ({ path, name: "x.wav" }) };
      expect(await servedFile(services, join(office.folder, "spool"), id), path).to.equal(undefined);
    }
    const call = await addCall(office.services.db);
    const recording = await addRecording(office.services.db, call, { file_name: "link.wav" });
    expect((await admin.get(`/recordings/${recording.id}/audio`)).status).to.equal(404);
  });
});

describe("the page of one call", () => {
  it("has the facts, the reason, and when each delivery was verified", async () => {
    const office = await openOffice();
    const { callId } = await fillOffice(office);
    const admin = await loggedIn(office);
    const { status, body } = await admin.get(`/calls/${callId}`);
    expect(status).to.equal(200);
    expect(body).to.contain("+493319876540 mit 10").and.contain("nach Regel „Vertrieb“");
    expect(body).to.contain("geprüft am 18.11.2026 14:36:26").and.contain("5f5f");
    expect((await admin.get(`/calls/${"0".repeat(32)}`)).status).to.equal(404);
    await office.close();
  });
});
