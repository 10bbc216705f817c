import { expect } from "chai";
import { sessionIdHash } from "../../../src/web/access/session-store.ts";
import { loggedIn, visitorOf } from "../../support/http-visitor.ts";
import { type Office, officeNow, openOffice } from "../../support/office-fixture.ts";

const hourMs = 3_600_000;

describe("login", () => {
  let office: Office;
  beforeEach(async () => {
    office = await openOffice();
  });
  afterEach(() => office.close());

  const attempt = async (name: string, password: string) => {
    const visitor = visitorOf(office.server.address());
    await visitor.get("/login");
    return visitor.post("/login", { name, password });
  };

  it("says the same to a wrong password and to an unknown user, and keeps the name", async () => {
    const [wrong, unknown] = [await attempt("admin", "x"), await attempt("nobody", "x")];
    expect([wrong.status, unknown.status]).to.deep.equal([401, 401]);
    expect(wrong.body).to.contain("Benutzername oder Passwort stimmt nicht.");
    expect(unknown.body).to.contain("Benutzername oder Passwort stimmt nicht.");
    expect(wrong.body).to.contain('value="admin"');
  });

  it("gives a new cookie after the login, of the strict kind", async () => {
    const visitor = visitorOf(office.server.address());
    await visitor.get("/login");
    const before = visitor.cookies().get("mitschnitt");
    const answer = await visitor.post("/login", { name: "admin", password: office.password });
    expect(visitor.cookies().get("mitschnitt")).not.to.equal(before);
    expect(String(answer.headers["set-cookie"])).to.match(/HttpOnly; SameSite=Strict/);
    expect(String(answer.headers["set-cookie"])).not.to.contain("Secure");
    visitor.setCookie("mitschnitt", before ?? "");
    expect((await visitor.get("/")).status).to.equal(303);
  });

  it("keeps only a hash of the cookie, so that a stolen journal opens nothing", async () => {
    const visitor = await loggedIn(office);
    const cookie = decodeURIComponent(visitor.cookies().get("mitschnitt") ?? "");
    const sessionId = cookie.slice(2, cookie.indexOf("."));
    const rows = await office.services.db.selectFrom("sessions").selectAll().execute();
    expect(JSON.stringify(rows)).not.to.contain(sessionId);
    expect(rows.map((row) => row.id_hash)).to.include(sessionIdHash(sessionId));
  });

  it("ends after eight hours without a request, not before", async () => {
    const visitor = await loggedIn(office);
    office.state.now = new Date(officeNow.getTime() + 7.9 * hourMs);
    expect((await visitor.get("/")).status).to.equal(200);
    office.state.now = new Date(officeNow.getTime() + 15.8 * hourMs);
    expect((await visitor.get("/")).status).to.equal(200);
    office.state.now = new Date(officeNow.getTime() + 23.9 * hourMs);
    expect((await visitor.get("/")).status).to.equal(303);
  });

  it("forgets what only looked at the login page after half an hour", async () => {
    await visitorOf(office.server.address()).get("/login");
    office.state.now = new Date(officeNow.getTime() + hourMs);
    await visitorOf(office.server.address()).get("/login");
    const rows = await office.services.db.selectFrom("sessions").select("id_hash").execute();
    expect(rows).to.have.length(1);
  });

  it("ends with the logout", async () => {
    const visitor = await loggedIn(office);
    const cookie = visitor.cookies().get("mitschnitt") ?? "";
    expect((await visitor.post("/logout", {})).headers.location).to.equal("/login?out=1");
    visitor.setCookie("mitschnitt", cookie);
    expect((await visitor.get("/")).status).to.equal(303);
  });

  it("makes whoever guesses wait after ten tries, also with the right password", async () => {
    for (let i = 0; i < 10; i += 1) expect((await attempt("admin", "wrong")).status).to.equal(401);
    const refused = await attempt("admin", office.password);
    expect(refused.status).to.equal(429);
    expect(refused.body).to.contain("Zu viele Versuche");
  });

  it("speaks the language that the browser asks for", async () => {
    const visitor = visitorOf(office.server.address());
    expect((await visitor.get("/login", { "accept-language": "en-GB,en;q=0.9" })).body).to.contain("Log in");
    expect((await visitor.get("/login", { "accept-language": "fr" })).body).to.contain("Anmelden");
  });

  it("behind TLS sends the cookie over TLS only", async () => {
    const secure = await openOffice({ web: { secure: true } });
    const visitor = visitorOf(secure.server.address());
    const answer = await visitor.get("/login", { "x-forwarded-proto": "https" });
    expect(String(answer.headers["set-cookie"])).to.match(/^__Host-mitschnitt=.*; Secure; SameSite=Strict/);
    await secure.close();
  });
});

describe("one's own account", () => {
  let office: Office;
  beforeEach(async () => {
    office = await openOffice();
  });
  afterEach(() => office.close());

  it("takes a new password and logs all others out", async () => {
    const [mine, other] = [await loggedIn(office), await loggedIn(office)];
    const password = "ein langer Satz mit ä";
    const answer = await mine.post("/account", { present: office.password, password, repeat: password });
    expect(answer.headers.location).to.equal("/account?saved=1");
    expect((await mine.get("/")).status).to.equal(200);
    expect((await other.get("/")).status).to.equal(303);
    const again = visitorOf(office.server.address());
    await again.get("/login");
    expect((await again.post("/login", { name: "admin", password })).status).to.equal(303);
  });

  it("wants the present password, and the new one long enough and twice", async () => {
    const mine = await loggedIn(office);
    const answer = await mine.post("/account", { present: "wrong", password: "short", repeat: "other" });
    expect(answer.status).to.equal(422);
    expect(answer.body.match(/class="problem"/g)).to.have.length(3);
    expect(answer.body).not.to.contain("short");
  });
});
