import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { loggedIn, type Visitor } from "../../support/http-visitor.ts";
import { type Office, openOffice } from "../../support/office-fixture.ts";

describe("settings pages", () => {
  let office: Office;
  let admin: Visitor;
  beforeEach(async () => {
    office = await openOffice();
    admin = await loggedIn(office);
  });
  afterEach(() => office.close());

  const current = () => office.services.settings.current();
  const group = {
    name: "Verkauf",
    enabled: "on",
    incoming: "on",
    afterLeaving: "on",
    members: "10\n12 = SIP/canan (Canan Çelik)",
  };
  const pbx = {
    host: "pbx.example",
    port: "5039",
    user: "mitschnitt",
    secret: "",
    tls: "on",
    trunks: "PJSIP/amt\r\nSIP/zwei\r\n",
  };
  const folder = {
    kind: "folder",
    name: "Büro Süd",
    enabled: "on",
    schedule: "at-once",
    minutes: "",
    time: "",
    path: "/srv/x",
  };
  const ftp = {
    kind: "ftp",
    name: "Zentrale",
    enabled: "on",
    schedule: "interval",
    minutes: "30",
    time: "",
    host: "ftp.example",
    port: "21",
    user: "u",
    password: "canary-ftp-password",
    security: "explicit",
    directory: "",
  };

  it("keeps what was entered for the group", async () => {
    expect((await admin.post("/settings/group", group)).headers.location).to.equal("/settings/group?saved=1");
    expect(current().rules).to.deep.equal([
      {
        id: "group",
        name: "Verkauf",
        enabled: true,
        members: [
          { extension: "10", name: "", endpoints: ["PJSIP/10"] },
          { extension: "12", name: "Canan Çelik", endpoints: ["SIP/canan"] },
        ],
        directions: { incoming: true, outgoing: false, internal: false },
        whileOnHold: "stop",
        afterLeaving: "record",
      },
    ]);
    expect((await admin.get("/settings/group?saved=1")).body).to.contain("Gespeichert.");
  });

  it("puts each error beside its field, in the reader's language, and loses nothing that was typed", async () => {
    const members = "10\nAnna\n12 = canan";
    const answer = await admin.post("/settings/group", { ...group, name: "", members });
    expect(answer.status).to.equal(422);
    expect(answer.body).to.contain("Zeile 2: erwartet wird zuerst die Nebenstelle");
    expect(answer.body).to.contain("Zeile 3: erwartet wird ein Endpunkt wie PJSIP/anna, statt „canan“");
    expect(answer.body).to.contain("Erwartet: ein Name mit höchstens 80 Zeichen.");
    expect(answer.body).to.contain(members);
    expect(current().rules[0]?.name).to.equal("Vertrieb");
    await admin.get("/settings/group?language=en");
    const english = await admin.post("/settings/group", { ...group, members });
    expect(english.body).to.contain("Line 2: expected the extension first");
  });

  it("keeps how to reach the PBX, and its secret apart", async () => {
    await admin.post("/settings/pbx", { ...pbx, secret: "canary-new-secret" });
    expect(current().pbx).to.deep.include({ host: "pbx.example", port: 5039, tls: true });
    expect(current().pbx.trunks).to.deep.equal(["PJSIP/amt", "SIP/zwei"]);
    expect(office.services.secrets.get("ami")).to.equal("canary-new-secret");
    await admin.post("/settings/pbx", pbx);
    expect(office.services.secrets.get("ami")).to.equal("canary-new-secret");
  });

  it("names every bad field of the PBX at once, and writes no secret beside them", async () => {
    const answer = await admin.post("/settings/pbx", {
      ...pbx,
      host: "a b",
      port: "99999",
      trunks: "PJSIP/amt\nquatsch",
      secret: "canary-not-kept",
    });
    expect(answer.status).to.equal(422);
    expect(answer.body.match(/class="problem"/g)).to.have.length(3);
    expect(answer.body).to.contain("Erwartet: eine Zahl von 1 bis 65535. Eingegeben: 99999");
    expect(answer.body).to.contain("quatsch");
    expect(office.services.secrets.get("ami")).to.equal("canary-ami-secret");
    const lines = await admin.post("/settings/pbx", { ...pbx, secret: "a\r\nAction: Originate" });
    expect(lines.status).to.equal(422);
    expect(office.services.secrets.get("ami")).to.equal("canary-ami-secret");
  });

  it("adds, changes and removes targets, with their passwords", async () => {
    await admin.post("/settings/targets/new", folder);
    await admin.post("/settings/targets/new", ftp);
    const [added, remote] = current().targets.slice(-2);
    expect(added?.id).to.match(/^bu-ro-su-d-[0-9a-f]{6}$/);
    expect(remote).to.deep.include({
      kind: "ftp",
      schedule: { kind: "interval", minutes: 30 },
      security: "explicit",
    });
    expect(office.services.secrets.get(`target-${remote?.id}`)).to.equal("canary-ftp-password");

    await admin.post(`/settings/targets/${remote?.id}`, {
      ...ftp,
      password: "",
      schedule: "daily",
      time: "21:15",
    });
    expect(current().targets.at(-1)).to.deep.include({
      id: remote?.id,
      schedule: { kind: "daily", time: "21:15" },
    });
    expect(office.services.secrets.get(`target-${remote?.id}`)).to.equal("canary-ftp-password");

    await admin.post(`/settings/targets/${remote?.id}/remove`, {});
    expect(current().targets.map(({ id }) => id)).not.to.include(remote?.id);
    expect(office.services.secrets.get(`target-${remote?.id}`)).to.equal(undefined);
  });

  it("puts a target's errors beside its fields", async () => {
    const answer = await admin.post("/settings/targets/new", {
      ...ftp,
      schedule: "interval",
      minutes: "0",
      host: "",
      port: "x",
      security: "magic",
    });
    expect(answer.status).to.equal(422);
    expect(answer.body.match(/class="problem"/g)).to.have.length(4);
    expect(answer.body).not.to.contain("canary-ftp-password");
    const relative = await admin.post("/settings/targets/new", {
      ...folder,
      path: "../x",
      schedule: "never",
    });
    expect(relative.body).to.contain(
      "Erwartet: ein absoluter Pfad wie /srv/aufzeichnungen. Eingegeben: ../x",
    );
    expect(relative.body.match(/class="problem"/g)).to.have.length(2);
    expect(current().targets).to.have.length(2);
  });

  it("sends now, to one target or to all", async () => {
    await admin.post("/settings/targets/archiv-1a2b3c/deliver", {});
    await admin.post("/settings/targets/deliver", {});
    expect((await admin.post("/settings/targets/unknown/deliver", {})).status).to.equal(404);
    expect(office.delivered).to.deep.equal(["archiv-1a2b3c", ""]);
  });

  it("shows no secret on any page", async () => {
    await admin.post("/settings/targets/new", ftp);
    const id = current().targets.at(-1)?.id;
    for (const path of [
      "/settings/pbx",
      "/settings/targets",
      `/settings/targets/${id}`,
      "/",
      "/settings/general",
    ])
      expect((await admin.get(path)).body, path).not.to.contain("canary");
  });

  it("keeps language, time zone and separator, and refuses a zone that does not exist", async () => {
    await admin.post("/settings/general", { language: "en", timeZone: "Europe/Vienna", separator: "," });
    expect(current()).to.deep.include({
      language: "en",
      timeZone: "Europe/Vienna",
      report: { separator: "," },
    });
    const answer = await admin.post("/settings/general", {
      language: "en",
      timeZone: "Mars/Base",
      separator: ",",
    });
    expect(answer.status).to.equal(422);
    expect(answer.body).to.contain("Expected: a time zone like Europe/Berlin. Got: Mars/Base");
  });

  const general = { language: "en", timeZone: "Europe/Vienna", separator: "," };

  it("keeps when stuck recordings are freed: never, every few minutes or daily, and from when on", async () => {
    const save = async (fields: Record<string, string>) => {
      const minutes = { cleanupMinutes: "15", cleanupTime: "04:30", stuckAfter: "10" };
      await admin.post("/settings/general", { ...general, ...minutes, ...fields });
      return current().storage;
    };
    const { reserveMiB } = current().storage;
    for (const [cleanupSchedule, schedule] of [
      ["off", { kind: "off" }],
      ["interval", { kind: "interval", minutes: 15 }],
      ["daily", { kind: "daily", time: "04:30" }],
    ] as const)
      expect(await save({ cleanupSchedule })).to.deep.equal({
        reserveMiB,
        cleanup: { stuckAfterMinutes: 10, schedule },
      });
    expect((await save({ cleanupSchedule: "off", stuckAfter: "2,5" })).cleanup.stuckAfterMinutes).to.equal(
      2.5,
    );
    const { body } = await admin.get("/settings/general");
    expect(body)
      .to.match(/<option value="off" selected>/)
      .and.to.match(/name="stuckAfter"[^>]* value="2.5"/);
  });

  it("shows a wrong time of the cleanup beside its field, with what was typed", async () => {
    const answer = await admin.post("/settings/general", {
      ...general,
      cleanupSchedule: "daily",
      cleanupTime: "25:00",
      cleanupMinutes: "60",
      stuckAfter: "0",
    });
    expect(answer.status).to.equal(422);
    expect(answer.body).to.match(/id="cleanupTime-problem">[^<]*03:00[^<]*25:00/);
    expect(answer.body).to.match(/id="stuckAfter-problem">[^<]*0/);
    expect(current().storage.cleanup.schedule).to.deep.equal({ kind: "interval", minutes: 60 });
  });

  it("keeps what other pages and later versions know of the settings", async () => {
    const before = structuredClone(current());
    await admin.post("/settings/general", { language: "de", timeZone: "Europe/Berlin", separator: ";" });
    await admin.post("/settings/group", { ...group, name: "Vertrieb" });
    expect(current().targets).to.deep.equal(before.targets);
    expect(current().pbx).to.deep.equal(before.pbx);
  });

  it("shows a broken settings file with its fields on every page, until a page is saved", async () => {
    const file = join(office.folder, "settings.json");
    writeFileSync(file, JSON.stringify({ pbx: { port: 0 }, colour: "red" }));
    await office.services.settings.reload();
    for (const path of ["/", "/settings/group", "/recordings"]) {
      const { body } = await admin.get(path);
      expect(body, path).to.contain("Die Einstellungsdatei ist fehlerhaft");
      expect(body, path).to.contain("<code>pbx.port</code>").and.contain("&#34;colour&#34;");
    }
    await admin.post("/settings/group", group);
    expect((await admin.get("/")).body).not.to.contain("Die Einstellungsdatei ist fehlerhaft");
    expect(JSON.parse(readFileSync(file, "utf8"))).to.deep.include({ language: "de" });
  });
});
