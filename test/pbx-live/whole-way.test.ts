import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { type Office, officeSettings, openOffice } from "../../lab/office.ts";
import { type Visitor, visitorOf } from "../support/http-visitor.ts";
import { until } from "../support/until.ts";
import { startVsftpd, type Vsftpd } from "../support/vsftpd.ts";

describe("the whole way of a call, from the phone to the page", function () {
  this.timeout(60_000);
  let ftp: Vsftpd;
  let office: Office;
  let admin: Visitor;

  before(async function () {
    this.timeout(180_000);
    ftp = await startVsftpd({ security: "none" });
    const ftpTarget = {
      id: "branch",
      name: "Filiale",
      enabled: true,
      kind: "ftp",
      host: "127.0.0.1",
      port: ftp.port,
      user: ftp.user,
      security: "none",
      directory: "",
      // Not before tomorrow: only "now" can deliver in this test.
      schedule: { kind: "interval", minutes: 1440 },
    };
    office = await openOffice({
      version: 22,
      settings: (folder) => ({ targets: [...officeSettings(0, folder).targets, ftpTarget] }),
    });
    const { address, password = "" } = await office.module.start();
    admin = visitorOf(address);
    await admin.get("/login");
    await admin.post("/login", { name: "admin", password });
  });
  after(async () => {
    await office?.stop();
    await ftp?.stop();
  });

  it("is shown while it goes on, heard afterwards, reported, and delivered by FTP when somebody says now", async () => {
    await admin.get("/settings/targets/branch");
    const { status } = await admin.post("/settings/targets/branch", {
      name: "Filiale",
      enabled: "on",
      kind: "ftp",
      host: "127.0.0.1",
      port: String(ftp.port),
      user: ftp.user,
      password: ftp.password,
      security: "none",
      directory: "",
      schedule: "interval",
      minutes: "1440",
    });
    expect(status).to.equal(303);

    const call = await office.lab.call({
      from: "trunk",
      to: "101",
      callerNumber: "03012345678",
      callerName: "Bäckerei Höfer",
      plays: "tone440",
      hangUpAfterMs: 2500,
    });
    await until("the overview shows the recording", async () => {
      const { body } = await admin.get("/");
      return body.includes("03012345678") && body.includes("wird aufgezeichnet");
    });
    await call.ended();
    await office.lab.idle();
    await until("the call has its outcome", () => office.calls()[0]?.outcome === "recorded");
    const [recording] = office.recordings();
    const file = readFileSync(join(office.dataFolder, "spool/transfer", recording?.file_name ?? ""));

    expect((await admin.get("/recordings")).body)
      .to.contain("Bäckerei Höfer")
      .and.contain(recording?.id);
    expect((await admin.get(`/recordings/${recording?.id}/audio`)).bytes.equals(file)).to.equal(true);
    const part = await admin.get(`/recordings/${recording?.id}/audio`, { range: "bytes=44-1043" });
    expect([part.status, part.bytes.equals(file.subarray(44, 1044))]).to.deep.equal([206, true]);

    const today = new Date().toISOString().slice(0, 10);
    const report = await admin.get(`/report.csv?from=${today.slice(0, 8)}01&to=${today.slice(0, 4)}-12-31`);
    const [head, row] = report.body.split("\r\n");
    expect(head).to.equal("\ufeffAnrufer;Angerufener;Gesprächsstart;Gesprächszeit;Aufzeichnung");
    expect(row).to.match(/^03012345678;10;[\d. :]+;0:00:0[23];Aufnahme_[\w+-]+\.wav$/);

    expect((await office.mitschnitt("deliver", "branch")).code).to.equal(0);
    await office.settled(1);
    const sent = office.jobs().find((job) => job.target_id === "branch");
    expect(readFileSync(join(ftp.home, sent?.remote_name ?? "")).equals(file)).to.equal(true);
  });
});
