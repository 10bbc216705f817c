import { get, type IncomingMessage } from "node:http";
import { expect } from "chai";
import { loggedIn, type Visitor } from "../../support/http-visitor.ts";
import { fillOffice, type Office, officeNow, openOffice } from "../../support/office-fixture.ts";
import { until } from "../../support/until.ts";

interface Viewer {
  readonly status: number;
  /** Everything that arrived, as text. */
  text(): string;
  /** The newest HTML of each fragment. */
  fragments(): Record<string, string>;
  ended(): boolean;
  leave(): void;
}

const watch = (office: Office, visitor: Visitor): Promise<Viewer> =>
  new Promise((resolve, reject) => {
    const cookie = [...visitor.cookies()].map(([name, value]) => `${name}=${value}`).join("; ");
    const req = get(
      `${office.server.address()}/live`,
      { headers: { cookie }, agent: false },
      (res: IncomingMessage) => {
        let text = "";
        let ended = false;
        res.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        res.on("close", () => {
          ended = true;
        });
        res.on("error", () => undefined);
        resolve({
          status: res.statusCode ?? 0,
          text: () => text,
          fragments: () =>
            Object.assign(
              {},
              ...[...text.matchAll(/^data: (.*)$/gm)].map(([, data = "{}"]) => JSON.parse(data) as object),
            ),
          ended: () => ended,
          leave: () => req.destroy(),
        });
      },
    );
    req.on("error", reject);
  });

describe("live overview", () => {
  let office: Office;
  let admin: Visitor;
  beforeEach(async () => {
    office = await openOffice();
    await fillOffice(office);
    admin = await loggedIn(office);
  });
  afterEach(() => office.close());

  it("sends everything at first, and then what has changed, and only that", async () => {
    const viewer = await watch(office, admin);
    await until("the first fragments", () => Object.keys(viewer.fragments()).length === 5);
    expect(viewer.fragments().calls).to.contain("Maier &amp; Söhne");
    const before = viewer.text().length;
    office.change({ liveCalls: [] });
    await until("the change", () => viewer.fragments().calls?.includes("telefoniert niemand") ?? false);
    const news = viewer.text().slice(before);
    expect(news).to.contain('"calls"').and.contain('"sentence"').and.not.contain('"today"');
  });

  it("speaks each viewer's language", async () => {
    const english = await loggedIn(office);
    await english.get("/?language=en");
    const [one, two] = [await watch(office, admin), await watch(office, english)];
    await until("German", () => one.fragments().sentence?.includes("Alles in Ordnung") ?? false);
    await until("English", () => two.fragments().sentence?.includes("Everything is fine") ?? false);
  });

  it("takes six views of one login and refuses the seventh", async () => {
    for (let i = 0; i < 6; i += 1) expect((await watch(office, admin)).status).to.equal(200);
    const seventh = await watch(office, admin);
    expect(seventh.status).to.equal(503);
    expect((await watch(office, await loggedIn(office))).status).to.equal(200);
  });

  it("gives a place free when a viewer leaves", async () => {
    const viewers = [];
    for (let i = 0; i < 6; i += 1) viewers.push(await watch(office, admin));
    viewers[0]?.leave();
    let status = 0;
    await until("a free place", async () => {
      const next = await watch(office, admin);
      status = next.status;
      return status === 200;
    });
  });

  it("ends with the logout, of this login only", async () => {
    const other = await loggedIn(office);
    const [mine, theirs] = [await watch(office, admin), await watch(office, other)];
    await admin.post("/logout", {});
    await until("the end", () => mine.ended());
    expect(theirs.ended()).to.equal(false);
  });

  it("ends when the login has run out, however long somebody looks", async () => {
    const viewer = await watch(office, admin);
    office.change({ now: new Date(officeNow.getTime() + 8.1 * 3_600_000) });
    await until("the end", () => viewer.ended());
  });

  it("is no activity: who only looks is logged out after eight hours", async () => {
    const sessions = () =>
      office.services.db.selectFrom("sessions").select("expires_at").orderBy("expires_at", "desc").execute();
    const before = await sessions();
    office.state.now = new Date(officeNow.getTime() + 3_600_000);
    const viewer = await watch(office, admin);
    await until("the first fragments", () => Object.keys(viewer.fragments()).length === 5);
    await office.server.close();
    await until("the end", () => viewer.ended());
    expect(await sessions()).to.deep.equal(before);
  });

  it("goes on after a rendering that failed", async () => {
    const viewer = await watch(office, admin);
    await until("the first fragments", () => Object.keys(viewer.fragments()).length === 5);
    office.change({ space: undefined as never });
    await until("the complaint", () =>
      office.logged.some(({ message }) => message.includes("live overview")),
    );
    office.change({ space: { openBytes: 0, transferBytes: 0, freeBytes: 1_000_000 }, liveCalls: [] });
    await until("the change", () => viewer.fragments().tiles?.includes("1\u00a0MB") ?? false);
  });

  it("does not keep the server from closing", async () => {
    const viewer = await watch(office, admin);
    await office.server.close();
    await until("the end", () => viewer.ended());
  });
});
