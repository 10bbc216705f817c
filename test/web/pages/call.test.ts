import { expect } from "chai";
import { loggedIn } from "../../support/http-visitor.ts";
import { addCall } from "../../support/journal-fixture.ts";
import { officeNow, openOffice } from "../../support/office-fixture.ts";
import { addStory } from "../../support/told-story.ts";

const startedAt = Date.parse("2026-11-18T10:00:00Z");

/** The page's text as a person reads it: one blank for whatever stands between two words. */
const textOf = (html: string): string => html.replaceAll(/<[^>]*>/g, " ").replaceAll(/\s+/g, " ");

describe("the page of a call", () => {
  it("tells the timeline of the whole story, with the clock and the time since it began", async () => {
    const office = await openOffice();
    const { call } = await addStory(office.services.db, startedAt);
    const admin = await loggedIn(office);
    const text = textOf((await admin.get(`/calls/${call.id}?`)).body);
    for (const sentence of [
      "11:00:06 0:06 10 spricht mit +493012345670",
      "11:00:06 0:06 Aufzeichnung 1 läuft, in der Datei ab 0:00",
      "11:00:58 0:58 Gespräch von 10 gehalten, durch 10",
      "11:01:06 1:06 10 spricht mit 11",
      "11:01:21 1:21 11 spricht mit +493012345670",
      "11:03:21 3:21 Aufzeichnung 2 wurde vorzeitig beendet: sie hing fest",
    ])
      expect(text).to.contain(sentence);
    await office.close();
  });

  it("links the calls that it was merged with, both ways", async () => {
    const office = await openOffice();
    const { call, consultation } = await addStory(office.services.db, startedAt);
    const admin = await loggedIn(office);
    const page = (await admin.get(`/calls/${call.id}`)).body;
    expect(page.split(`href="/calls/${consultation.id}"`)).to.have.length(3);
    expect(textOf(page)).to.contain("10 mit 11 18.11.2026 11:01:02, nicht fällig: die Regel „Vertrieb“");
    const other = (await admin.get(`/calls/${consultation.id}`)).body;
    expect(other).to.contain(`href="/calls/${call.id}"`);
    expect(textOf(other)).to.contain("11:00:06 0:06 10 spricht mit +493012345670");
    await office.close();
  });

  it("marks the recording that was cut off, and no other", async () => {
    const office = await openOffice();
    const { call } = await addStory(office.services.db, startedAt);
    const admin = await loggedIn(office);
    const page = textOf((await admin.get(`/calls/${call.id}`)).body);
    expect(page).to.contain("1. Aufzeichnung von 10 Zustand fertig");
    expect(page).to.contain("2. Aufzeichnung von 11 vorzeitig beendet");
    expect(page).to.contain("Abbruch sie hing fest");
    await office.close();
  });

  it("has no timeline where nothing was told", async () => {
    const office = await openOffice();
    const call = await addCall(office.services.db, { started_at: officeNow.getTime() - 60_000 });
    const admin = await loggedIn(office);
    const page = (await admin.get(`/calls/${call.id}`)).body;
    expect(page).not.to.contain("Verlauf");
    expect(page).not.to.contain("Zusammengeführt");
    await office.close();
  });

  it("shows hostile numbers in the timeline as text", async () => {
    const office = await openOffice();
    const hostile = "<script>alert(1)</script>\"'{{x}}<%= 1 %>";
    const { call } = await addStory(office.services.db, startedAt, hostile);
    const admin = await loggedIn(office);
    const page = (await admin.get(`/calls/${call.id}`)).body;
    expect(page).not.to.contain("<script>alert");
    expect(page).to.contain(
      "10 spricht mit &lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;{{x}}&lt;%= 1 %&gt;",
    );
    await office.close();
  });
});
