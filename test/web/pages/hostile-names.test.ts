import { expect } from "chai";
import { loggedIn } from "../../support/http-visitor.ts";
import { addCall, addJob, addRecording } from "../../support/journal-fixture.ts";
import { fillOffice, officeNow, openOffice } from "../../support/office-fixture.ts";

const hostile =
  "\"$(touch x)`;,../<script>alert(1)</script>\r\nSet-Cookie: x=1\n<img src=x onerror=alert(1)>'{{x}}<%= 1 %>";

describe("a caller whose name is an attack", () => {
  it("is text on every page, in the live view, in the report and in the API", async () => {
    const office = await openOffice();
    const { db } = office.services;
    const call = await addCall(db, {
      started_at: officeNow.getTime() - 60_000,
      from_name: hostile,
      from_number: hostile,
      to_number: hostile,
      member_extension: hostile,
      linkedid: hostile,
      outcome: "failed",
      reason_code: "pbx-refused",
      reason_params: JSON.stringify({ message: hostile }),
    });
    const recording = await addRecording(db, call, { member_extension: hostile, file_name: hostile });
    await addJob(db, recording, {
      state: "deferred",
      error_message: hostile,
      error_hint: hostile,
      remote_name: hostile,
    });
    await fillOffice(office);
    const reason = { code: "pbx-refused", params: { message: hostile } } as const;
    office.change({
      liveCalls: office.state.liveCalls.map((live) => ({
        ...live,
        fromName: hostile,
        fromNumber: hostile,
        toNumber: hostile,
        memberExtension: hostile,
        state: { kind: "failed", reason },
      })),
      conditions: [{ subject: "odd", code: hostile, message: hostile, hint: hostile, since: officeNow }],
      deliveries: office.state.deliveries.map((delivery) => ({
        ...delivery,
        targetName: hostile,
        state: "unreachable",
        lastError: { code: hostile, message: hostile, hint: hostile },
      })),
    });
    const admin = await loggedIn(office);
    const query = new URLSearchParams({ q: hostile, from: hostile }).toString();
    let shown = 0;
    for (const path of [
      "/",
      "/recordings",
      `/recordings?${query}`,
      `/report?${query}`,
      `/calls/${call.id}`,
      "/report",
      "/settings/targets",
      "/settings/pbx",
      `/login?to=${encodeURIComponent(hostile)}`,
    ]) {
      const { body, headers } = await admin.get(path);
      expect(body, path).not.to.match(/<script>|<img src=x|onerror=alert\(1\)>|<%=/);
      expect(headers["set-cookie"] ?? "", path).not.to.contain("x=1");
      if (body.includes("&lt;script&gt;")) shown += 1;
    }
    expect(shown).to.be.at.least(6);

    const csv = await admin.get("/report.csv?from=2026-11-18&to=2026-11-18");
    const line = csv.body.split("\r\n").find((row) => row.includes("touch x")) ?? "";
    expect(line.startsWith('"""$(touch x)`;,../<script>')).to.equal(true);
    expect(line).not.to.match(/[\r\n]/);
    const status = await admin.get("/api/v1/status", { authorization: `Bearer ${office.controlToken}` });
    expect(status.headers["content-type"]).to.contain("application/json");
    await office.close();
  });

  it("stays out of what the browser is told to type, whoever sends it", async () => {
    const office = await openOffice();
    const admin = await loggedIn(office);
    const answer = await admin.post("/settings/group", { name: hostile, enabled: hostile, members: hostile });
    expect(answer.status).to.equal(422);
    expect(answer.body).not.to.match(/<script>|<img src=x/);
    await office.close();
  });
});
