import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { loggedIn, visitorOf } from "../support/http-visitor.ts";
import { type Office, openOffice } from "../support/office-fixture.ts";

const views = join(import.meta.dirname, "../../views");
const templates = (): { name: string; text: string }[] =>
  readdirSync(views, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ejs"))
    .map((name) => ({ name, text: readFileSync(join(views, name), "utf8") }));

describe("security headers and templates", () => {
  let office: Office;
  before(async () => {
    office = await openOffice();
  });
  after(() => office.close());

  it("lets the browser run and load nothing but our own files", async () => {
    const { headers } = await (await loggedIn(office)).get("/");
    const policy = String(headers["content-security-policy"]);
    expect(policy).to.contain("default-src 'none'");
    expect(policy).to.contain("script-src 'self'");
    expect(policy).not.to.match(/unsafe|\*|https?:/);
    expect(policy).to.contain("frame-ancestors 'none'");
    expect(headers["x-content-type-options"]).to.equal("nosniff");
    expect(headers["x-powered-by"]).to.equal(undefined);
    expect(headers["cache-control"]).to.equal("no-store");
  });

  it("has no script, style or handler inside a template, and prints nothing unescaped but includes", () => {
    for (const { name, text } of templates()) {
      for (const [, raw = ""] of text.matchAll(/<%-([\s\S]*?)%>/g))
        expect(raw.trim(), name).to.match(/^include\("[a-z/-]+"(, \{[\s\S]*\})?\) ?-?$/);
      const html = text.replaceAll(/<%[\s\S]*?%>/g, "");
      expect(html, name).not.to.match(/\son\w+=|\sstyle=|javascript:/i);
      expect(html, name).not.to.match(/<script(?![^>]*\ssrc=)|<style/i);
    }
    expect(templates()).to.have.length.greaterThan(20);
  });

  it("lets browsers keep style sheets and scripts, and serves no other file", async () => {
    const visitor = visitorOf(office.server.address());
    const page = await visitor.get("/login");
    const sheet = /href="(\/assets\/[0-9a-f]+\/tabler\.css)"/.exec(page.body)?.[1] ?? "";
    const answer = await visitor.get(sheet, { "accept-encoding": "gzip" });
    expect(answer.status).to.equal(200);
    expect(answer.headers["content-type"]).to.equal("text/css; charset=utf-8");
    expect(answer.headers["cache-control"]).to.contain("immutable");
    expect(answer.bytes.length).to.be.lessThan(120_000);
    expect((await visitor.get(sheet)).bytes.length).to.be.greaterThan(500_000);
    const folder = sheet.slice(0, sheet.lastIndexOf("/"));
    for (const path of [
      `${folder}/..%2F..%2Fpackage.json`,
      `${folder}/nothing.js`,
      "/assets/0/base.css",
      `${folder}/../../package.json`,
    ])
      expect((await visitor.get(path)).status, path).not.to.equal(200);
  });

  it("is healthy without a login", async () => {
    const answer = await visitorOf(office.server.address()).get("/healthz");
    expect([answer.status, answer.body]).to.deep.equal([200, "ok\n"]);
  });
});
