import { expect } from "chai";
import { PbxError } from "../../../src/core/errors.ts";
import { loggedIn, type Visitor } from "../../support/http-visitor.ts";
import { addCall, addRecording } from "../../support/journal-fixture.ts";
import { type Office, openOffice } from "../../support/office-fixture.ts";

describe("page of stuck recordings", () => {
  let office: Office;
  let admin: Visitor;
  beforeEach(async () => {
    office = await openOffice();
    admin = await loggedIn(office);
  });
  afterEach(() => office.close());

  const stick = async (): Promise<string> => {
    const call = await addCall(office.services.db, { from_number: "<b>+4930", outcome: null });
    const recording = await addRecording(office.services.db, call, { state: "open", file_name: null });
    office.change({
      stuck: [{ recordingId: recording.id, callId: call.id, reason: "not-growing" }],
    });
    return call.id;
  };

  it("is reached from the overview and says that nothing is stuck", async () => {
    expect((await admin.get("/")).body).to.contain('href="/cleanup"');
    const { status, body } = await admin.get("/cleanup");
    expect(status).to.equal(200);
    expect(body).to.contain("Nichts hängt.").and.not.contain('action="/cleanup"');
  });

  it("shows what would be freed and why, and changes nothing by being looked at", async () => {
    const callId = await stick();
    const { body } = await admin.get("/cleanup");
    expect(body).to.contain(`/calls/${callId}`).and.contain("&lt;b&gt;+4930").and.contain("wächst");
    expect(body).to.contain("1 Aufzeichnung beenden");
    expect(office.cleanups).to.deep.equal([{ force: false, dryRun: true }]);
  });

  it("frees them at the press of the button, never by force, and says how many", async () => {
    await stick();
    await admin.get("/cleanup");
    const answer = await admin.post("/cleanup", { force: "true" });
    expect([answer.status, answer.headers.location]).to.deep.equal([303, "/cleanup?freed=1"]);
    expect(office.cleanups.at(-1)).to.deep.equal({ force: false, dryRun: false });
    expect((await admin.get("/cleanup?freed=1")).body).to.contain("1 Aufzeichnung wurde beendet.");
  });

  it("says why nothing can be said while the PBX does not answer", async () => {
    office.change({ cleanupError: new PbxError("no", { code: "pbx-silent", hint: "h" }) });
    for (const answer of [await admin.get("/cleanup"), await admin.post("/cleanup", {})]) {
      expect(answer.status).to.equal(503);
      expect(answer.body).to.contain("notice-problem").and.not.contain("Nichts hängt");
    }
  });
});
