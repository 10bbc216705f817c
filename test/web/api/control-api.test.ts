import { expect } from "chai";
import { PbxError } from "../../../src/core/errors.ts";
import { visitorOf } from "../../support/http-visitor.ts";
import { fillOffice, type Office, officeNow, openOffice } from "../../support/office-fixture.ts";

describe("control API", () => {
  let office: Office;
  before(async () => {
    office = await openOffice();
    await fillOffice(office);
    office.change({
      conditions: [{ subject: "pbx", code: "pbx-silent", message: "m", hint: "h", since: officeNow }],
    });
  });
  after(() => office.close());

  const ask = (method: string, path: string, body?: string) =>
    visitorOf(office.server.address()).send(method, path, body, {
      authorization: `Bearer ${office.controlToken}`,
      "content-type": "application/json",
    });

  it("tells the state of everything, times in ISO 8601", async () => {
    const answer = await ask("GET", "/api/v1/status");
    const status = JSON.parse(answer.body) as Record<string, unknown>;
    expect(Object.keys(status)).to.deep.equal([
      "version",
      "pbx",
      "conditions",
      "calls",
      "deliveries",
      "space",
    ]);
    expect(status.pbx).to.deep.equal({
      state: "connected",
      since: "2026-11-18T05:58:12.000Z",
      asteriskVersion: "22.10.0",
    });
    expect(status.conditions).to.deep.equal([
      { subject: "pbx", code: "pbx-silent", message: "m", hint: "h", since: officeNow.toISOString() },
    ]);
    expect(status.calls).to.have.length(4);
    expect(answer.headers["set-cookie"]).to.equal(undefined);
    expect(answer.body).not.to.contain("canary");
  });

  it("delivers to all targets or to the one that is named", async () => {
    expect((await ask("POST", "/api/v1/deliver", "{}")).status).to.equal(202);
    expect((await ask("POST", "/api/v1/deliver")).status).to.equal(202);
    expect((await ask("POST", "/api/v1/deliver", '{"targetId":"archiv-1a2b3c"}')).status).to.equal(202);
    expect(office.delivered).to.deep.equal(["", "", "archiv-1a2b3c"]);
  });

  it("names the targets that there are where another one is asked for", async () => {
    const answer = await ask("POST", "/api/v1/deliver", '{"targetId":"nas"}');
    expect(answer.status).to.equal(404);
    expect(JSON.parse(answer.body)).to.deep.equal({
      error: "no-such-target",
      targets: ["archiv-1a2b3c", "zentrale-4d5e6f"],
    });
  });

  it("answers broken JSON as JSON", async () => {
    const answer = await ask("POST", "/api/v1/deliver", "{broken");
    expect(answer.status).to.equal(400);
    expect(JSON.parse(answer.body)).to.include({ error: "bad-request" });
  });

  const stuck = { recordingId: "a".repeat(32), callId: "b".repeat(32), reason: "channel-gone" } as const;

  it("frees what is stuck, and says what and why; only what says true is meant", async () => {
    office.change({ stuck: [stuck] });
    const dry = await ask("POST", "/api/v1/cleanup", '{"dryRun":true,"force":"true"}');
    expect(JSON.parse(dry.body)).to.deep.equal({
      dryRun: true,
      force: false,
      recordings: [{ ...stuck, state: "found" }],
      left: 0,
    });
    const real = await ask("POST", "/api/v1/cleanup");
    expect(JSON.parse(real.body).recordings).to.deep.equal([{ ...stuck, state: "finished" }]);
    await ask("POST", "/api/v1/cleanup", '{"force":true}');
    expect(office.cleanups.map(({ force, dryRun }) => [force, dryRun])).to.deep.equal([
      [false, true],
      [false, false],
      [true, false],
    ]);
  });

  it("says with a hint why nothing was freed", async () => {
    office.change({
      cleanupError: new PbxError("not connected", { code: "pbx-not-connected", hint: "wait" }),
    });
    const answer = await ask("POST", "/api/v1/cleanup", "{}");
    expect(answer.status).to.equal(503);
    expect(JSON.parse(answer.body)).to.deep.equal({
      error: "pbx-not-connected",
      message: "not connected",
      hint: "wait",
    });
  });
});
