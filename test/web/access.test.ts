import { expect } from "chai";
import { createWebApp } from "../../src/web/app.ts";
import { loggedIn, visitorOf } from "../support/http-visitor.ts";
import { fillOffice, type Office, openOffice } from "../support/office-fixture.ts";

interface Route {
  readonly method: string;
  readonly path: string;
}

/** Every route that the app has, whoever adds one. */
function routesOf(office: Office): readonly Route[] {
  const { app, live } = createWebApp(office.services, {
    controlToken: "x",
    sessionSecret: "x",
    spoolFolder: office.folder,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  live.close();
  const stack = (app.router as unknown as { stack: { route?: { path: string; methods: object } }[] }).stack;
  return stack.flatMap(({ route }) =>
    route === undefined
      ? []
      : Object.keys(route.methods).map((method) => ({ method: method.toUpperCase(), path: route.path })),
  );
}

const open = ["/login", "/healthz", "/assets/:build/:name"];

describe("access to the pages", () => {
  let office: Office;
  let ids: { readonly recordingId: string; readonly callId: string };
  before(async () => {
    office = await openOffice();
    ids = await fillOffice(office);
  });
  after(() => office.close());

  const concrete = (path: string): string =>
    path
      .replace("/recordings/:id", `/recordings/${ids.recordingId}`)
      .replace("/calls/:id", `/calls/${ids.callId}`)
      .replace("/targets/:id", "/targets/archiv-1a2b3c");

  it("refuses every route without a login, but login, health and style sheets", async () => {
    const routes = routesOf(office).filter(({ path }) => !open.includes(path));
    expect(routes).to.have.length.greaterThan(20);
    const stranger = visitorOf(office.server.address());
    for (const { method, path } of routes) {
      const answer = await stranger.send(method, concrete(path), method === "POST" ? "" : undefined);
      const toLogin = answer.status === 303 && String(answer.headers.location).startsWith("/login");
      expect(toLogin || answer.status === 401, `${method} ${path}: ${answer.status}`).to.equal(true);
      expect(answer.body, `${method} ${path}`).not.to.match(/Vertrieb|Krüger|RIFF|canary/);
    }
    expect(office.delivered).to.deep.equal([]);
  });

  it("answers programs with 401 where browsers are led to the login", async () => {
    const stranger = visitorOf(office.server.address());
    for (const path of ["/report.csv?from=2026-11-01&to=2026-11-30", "/live", "/"])
      expect((await stranger.get(path, { accept: "*/*" })).status, path).to.equal(401);
    expect((await stranger.get("/report?from=2026-11-01")).headers.location).to.equal(
      "/login?to=%2Freport%3Ffrom%3D2026-11-01",
    );
  });

  it("refuses every POST without the form's token, also to those who are logged in", async () => {
    const admin = await loggedIn(office);
    const posts = routesOf(office).filter(
      ({ method, path }) => method === "POST" && !path.startsWith("/api/"),
    );
    expect(posts).to.have.length.greaterThan(8);
    for (const { path } of posts) {
      expect((await admin.post(concrete(path), { _csrf: "" })).status, path).to.equal(403);
      expect((await admin.post(concrete(path), { _csrf: "x".repeat(256) })).status, path).to.equal(403);
    }
    expect(office.delivered).to.deep.equal([]);
    expect((await admin.get("/")).status).to.equal(200);
  });

  it("takes no other token for the API than its own", async () => {
    const stranger = visitorOf(office.server.address());
    const admin = await loggedIn(office);
    for (const authorization of [
      "",
      "Bearer",
      "Bearer ",
      "Bearer x",
      `Basic ${office.controlToken}`,
      `Bearer ${office.controlToken}x`,
    ])
      expect((await stranger.get("/api/v1/status", { authorization })).status, authorization).to.equal(401);
    expect((await admin.get("/api/v1/status")).status).to.equal(401);
    const authorization = `Bearer ${office.controlToken}`;
    expect((await stranger.get("/api/v1/status", { authorization })).status).to.equal(200);
    expect((await stranger.get("/", { authorization })).status).to.equal(303);
  });

  it("leads to a path of its own after the login, and nowhere else", async () => {
    for (const to of [
      "//evil.example",
      "https://evil.example/",
      "/\\evil.example",
      "/.//evil.example",
      "javascript:1",
    ]) {
      const visitor = visitorOf(office.server.address());
      await visitor.get(`/login?to=${encodeURIComponent(to)}`);
      const answer = await visitor.post("/login", { name: "admin", password: office.password, to });
      expect(answer.headers.location, to).to.equal("/");
    }
    const visitor = visitorOf(office.server.address());
    await visitor.get("/login");
    const answer = await visitor.post("/login", {
      name: "admin",
      password: office.password,
      to: "/report?from=1",
    });
    expect(answer.headers.location).to.equal("/report?from=1");
  });

  it("believes no Host header and no X-Forwarded header", async () => {
    const admin = await loggedIn(office);
    const headers = {
      host: "evil.example",
      "x-forwarded-host": "evil.example",
      "x-forwarded-proto": "https",
    };
    for (const path of [
      "/",
      "/recordings",
      "/report",
      "/settings/group",
      "/nowhere",
      "/?language=en",
      "/settings",
    ]) {
      const answer = await admin.get(path, headers);
      expect(answer.body + JSON.stringify(answer.headers), path).not.to.contain("evil");
    }
  });

  it("shows errors without the inside of the program", async () => {
    const admin = await loggedIn(office);
    expect((await admin.get("/nowhere")).status).to.equal(404);
    expect((await admin.get("/recordings/%E0%A4%A/audio")).status).to.equal(400);
    const long = await admin.post("/settings/group", { members: "1".repeat(300_000) });
    expect(long.status).to.equal(413);
    for (const answer of [await admin.get("/recordings/%E0%A4%A/audio"), long])
      expect(answer.body).not.to.match(/node_modules|at .*\.ts|Error:/);
  });
});
