// The pages in a real Chromium: what only a browser can show. Needs Debian's chromium package.

import { expect } from "chai";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { expectNoSidewaysScroll, launchChromium, listenForComplaints, logInTo } from "../support/chromium.ts";
import { fillOffice, type Office, officeNow, openOffice } from "../support/office-fixture.ts";
import { until } from "../support/until.ts";

const deadlineMs = 8_000;

describe("pages in a browser", function () {
  this.timeout(60_000);
  let browser: Browser;
  let office: Office;
  let context: BrowserContext;
  let page: Page;
  let complaints: string[];
  let ids: { readonly recordingId: string; readonly callId: string };

  before(async () => {
    browser = await launchChromium();
  });
  after(() => browser.close());
  beforeEach(async () => {
    office = await openOffice();
    ids = await fillOffice(office);
    context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "de-DE" });
    page = await context.newPage();
    page.setDefaultTimeout(deadlineMs);
    complaints = listenForComplaints(page);
  });
  afterEach(async () => {
    await context.close();
    await office.close();
  });

  const at = (path: string): string => office.server.address() + path;
  const _sentence = () => page.locator("[data-live=sentence] p");

  const paths = (): readonly string[] => [
    "/",
    "/recordings",
    "/recordings?q=99999",
    "/recordings?from=gestern",
    `/calls/${ids.callId}`,
    "/report",
    "/settings/group",
    "/settings/pbx",
    "/settings/targets",
    "/settings/targets/new?kind=folder",
    "/settings/targets/zentrale-4d5e6f",
    "/settings/general",
    "/cleanup",
    "/account",
    "/nowhere",
  ];

  it("lets in whoever has the password, to the page that was asked for", async () => {
    await page.goto(at("/report"));
    await page.fill("#name", "admin");
    await page.fill("#password", "wrong");
    await page.keyboard.press("Enter");
    await page.getByText("Benutzername oder Passwort stimmt nicht.").waitFor();
    expect(await page.inputValue("#name")).to.equal("admin");
    await page.fill("#password", office.password);
    await page.keyboard.press("Enter");
    await page.waitForURL(at("/report"));
    await page.getByRole("button", { name: "Abmelden" }).click();
    await page.getByText("Sie sind abgemeldet.").waitFor();
  });

  it("keeps the overview up to date without a reload, without moving what stands around it", async () => {
    await logInTo(page, office);
    await page.evaluate("window.notReloaded = true");
    await page.getByText("Alles in Ordnung: 2 Gespräche werden gerade aufgezeichnet").waitFor();
    const before = await page.locator("#today").boundingBox();
    const [first, ...others] = office.state.liveCalls;
    if (first === undefined) throw new Error("expected calls");
    office.change({
      liveCalls: [
        { ...first, fromName: "Zahnarzt Dr. Weiß" },
        ...others.slice(0, 2),
        { ...first, id: "f".repeat(32) },
      ],
    });
    await page.getByText("Alles in Ordnung: 3 Gespräche werden gerade aufgezeichnet").waitFor();
    await page.getByText("Zahnarzt Dr. Weiß").waitFor();
    expect(await page.evaluate("window.notReloaded")).to.equal(true);
    const after = await page.locator("#today").boundingBox();
    expect(Math.abs((after?.y ?? 0) - (before?.y ?? 0))).to.be.lessThan(40);
    expect(complaints).to.deep.equal([]);
  });

  it("counts the seconds of a call by itself", async () => {
    await logInTo(page, office);
    const counter = page.locator("[data-elapsed-ms]").last();
    const first = await counter.textContent();
    expect(first).to.match(/^0:0\d$/);
    await until("the next second", async () => (await counter.textContent()) !== first, deadlineMs);
  });

  it("shows a problem as it comes, and its end as it goes", async () => {
    await logInTo(page, office);
    office.change({
      pbx: { state: "waiting", nextTryAt: new Date(officeNow.getTime() + 8_000) },
      liveCalls: [],
      conditions: [
        {
          subject: "pbx",
          code: "pbx-login-refused",
          message: 'AMI 127.0.0.1:5038: login of user "mitschnitt" refused',
          hint: "h",
          since: new Date(officeNow.getTime() - 7_200_000),
        },
      ],
    });
    await page.getByText("Die Telefonanlage ist seit 2 Stunden nicht erreichbar").waitFor();
    await page.getByText("Die Telefonanlage lehnt die Anmeldung ab.").waitFor();
    office.change({
      pbx: { state: "connected", since: officeNow, asteriskVersion: "22.10.0" },
      conditions: [],
    });
    await page.getByText("Alles in Ordnung").waitFor();
    expect(await page.getByText("lehnt die Anmeldung ab").count()).to.equal(0);
  });

  it("says when the live view stands still", async () => {
    await logInTo(page, office);
    await until("the live view", async () => await page.locator("#offline").isHidden(), deadlineMs);
    await office.server.close();
    await page.getByText("Die Anzeige steht still").waitFor();
  });

  it("keeps the focus on a link while its part of the page is renewed", async () => {
    await logInTo(page, office);
    const link = page.locator("[data-live=calls] a").first();
    await link.focus();
    const [first, ...others] = office.state.liveCalls;
    office.change({
      liveCalls: first === undefined ? [] : [{ ...first, fromName: "Neu Gemeldet" }, ...others],
    });
    await page.getByText("Neu Gemeldet").waitFor();
    expect(await page.evaluate("document.activeElement.getAttribute('href')")).to.equal(
      `/calls/${"a".repeat(32)}`,
    );
  });

  it("plays a recording, asking for ranges of it", async () => {
    await logInTo(page, office);
    await page.goto(at("/recordings"));
    const ranges: string[] = [];
    page.on("response", (response) => {
      if (response.url().endsWith("/audio"))
        ranges.push(`${response.status()} ${response.headers()["content-range"]}`);
    });
    await page.evaluate("const a = document.querySelector('audio'); a.muted = true; a.play()");
    await until(
      "sound",
      async () => (await page.evaluate<number>("document.querySelector('audio').currentTime")) > 0.1,
      deadlineMs,
    );
    expect(await page.evaluate("document.querySelector('audio').duration")).to.equal(12);
    expect(ranges[0]).to.match(/^206 bytes 0-\d+\/192044$/);
    await page.evaluate("document.querySelector('audio').currentTime = 9");
    await until(
      "the jump",
      async () => (await page.evaluate<number>("document.querySelector('audio').currentTime")) > 9,
      deadlineMs,
    );
    await page.evaluate("const b = document.querySelectorAll('audio')[1]; b.muted = true; b.play()");
    await until(
      "one player at a time",
      () => page.evaluate<boolean>("document.querySelector('audio').paused"),
      deadlineMs,
    );
    expect(complaints).to.deep.equal([]);
  });

  it("downloads a recording under its name", async () => {
    await logInTo(page, office);
    await page.goto(at("/recordings"));
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.locator("a[href$='/download']").first().click(),
    ]);
    expect(download.suggestedFilename()).to.equal("Aufnahme_2026-11-18_14-33-17_+493319876540_10.wav");
  });

  it("shows an error beside its field, keeps what was typed, and saves it once it is right", async () => {
    await logInTo(page, office);
    await page.goto(at("/settings/group"));
    await page.fill("#members", "10 (Anna Adler)\nBernd");
    await page.getByRole("button", { name: "Speichern" }).click();
    const problem = page.locator("#members-problem");
    await problem.waitFor();
    expect(await problem.textContent()).to.contain("Zeile 2");
    expect(await page.inputValue("#members")).to.equal("10 (Anna Adler)\nBernd");
    expect(await page.getAttribute("#members", "aria-describedby")).to.contain("members-problem");
    await page.fill("#members", "10 (Anna Adler)\n11 (Bernd)");
    await page.getByRole("button", { name: "Speichern" }).click();
    await page.getByText("Gespeichert.").waitFor();
    await page.getByText("Gespräche von 2 Mitgliedern von „Vertrieb“ werden aufgezeichnet").waitFor();
    expect(office.services.settings.current().rules[0]?.members).to.have.length(2);
  });

  it("changes the language by a link and stays on the page", async () => {
    await logInTo(page, office);
    await page.goto(at("/recordings?q=Maier"));
    await page.getByRole("link", { name: "English" }).click();
    await page.getByRole("heading", { name: "Calls" }).waitFor();
    expect(page.url()).to.equal(at("/recordings?q=Maier"));
    expect(await page.getAttribute("html", "lang")).to.equal("en");
    await page.goto(at("/"));
    await page.getByText("Everything is fine").waitFor();
    office.change({ liveCalls: [] });
    await page.getByText("no call is being recorded").waitFor();
  });

  it("follows the system from light to dark", async () => {
    await logInTo(page, office);
    const background = () => page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
    const light = await background();
    await page.emulateMedia({ colorScheme: "dark" });
    await until("dark", async () => (await background()) !== light, deadlineMs);
  });

  it("works without a script", async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false, locale: "de-DE" });
    const reader = await plain.newPage();
    await logInTo(reader, office);
    expect(await reader.textContent("main")).to.contain("Maier & Söhne");
    await reader.goto(at("/settings/general"));
    await reader.selectOption("#separator", ",");
    await reader.getByRole("button", { name: "Speichern" }).click();
    await reader.getByText("Gespeichert.").waitFor();
    expect(office.services.settings.current().report.separator).to.equal(",");
    await plain.close();
  });

  it("can be used with the keyboard alone, and shows where one is", async () => {
    await logInTo(page, office);
    await page.goto(at("/recordings"));
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).to.equal("Zum Inhalt springen");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.id")).to.equal("q");
    await page.keyboard.type("Krüger");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=Kr/);
    await page.keyboard.press("Tab");
    expect(await page.evaluate("getComputedStyle(document.activeElement).position")).to.equal("absolute");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).to.equal("solid");
  });

  for (const width of [1280, 390])
    it(`has no complaint of the browser and no sideways scrolling on any page, ${width} pixels wide`, async () => {
      await page.setViewportSize({ width, height: 800 });
      await logInTo(page, office);
      for (const path of paths()) {
        complaints.length = 0;
        await page.goto(at(path));
        await expectNoSidewaysScroll(page);
        // A page that is an error by its status is one for the console, too.
        const own = complaints.filter((text) => !/status of 40[04]/.test(text));
        expect(own, path).to.deep.equal([]);
      }
    });
});
