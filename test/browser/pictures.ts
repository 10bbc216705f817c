// Pictures of every page, in both languages, wide and narrow, light and dark, for a person to look at:
// `npx tsx test/browser/pictures.ts FOLDER [de-1280-light]`. The README's is en-1280-light-overview.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launchChromium, logInTo } from "../support/chromium.ts";
import { fillOffice, type Office, officeNow, openOffice } from "../support/office-fixture.ts";
import { addStory } from "../support/told-story.ts";

const folder = process.argv[2] ?? "pictures";
const wanted = process.argv[3] ?? "";
mkdirSync(folder, { recursive: true });

const office = await openOffice();
const { callId } = await fillOffice(office);
const story = await addStory(office.services.db, officeNow.getTime() - 30 * 86_400_000);
const empty = await openOffice({ settings: { language: "de" }, state: { pbx: { state: "connecting" } } });
const troubled = await openOffice();
await fillOffice(troubled);
await trouble(troubled);

const pages: readonly (readonly [string, string])[] = [
  ["overview", "/"],
  ["recordings", "/recordings"],
  ["nothing-found", "/recordings?q=99999"],
  ["call", `/calls/${callId}`],
  ["story", `/calls/${story.call.id}`],
  ["report", "/report"],
  ["group", "/settings/group"],
  ["pbx", "/settings/pbx"],
  ["targets", "/settings/targets"],
  ["target", "/settings/targets/zentrale-4d5e6f"],
  ["general", "/settings/general"],
  ["account", "/account"],
];
const pick = (...names: string[]) => pages.filter(([name]) => names.includes(name));

const houses = [
  { house: office, prefix: "", list: pages },
  { house: empty, prefix: "empty-", list: pick("overview", "recordings", "report", "targets") },
  { house: troubled, prefix: "troubled-", list: pick("overview", "pbx", "targets") },
];

const browser = await launchChromium();
try {
  for (const language of ["de", "en"])
    for (const width of [1280, 390])
      for (const colorScheme of ["light", "dark"] as const) {
        const kind = `${language}-${width}-${colorScheme}`;
        if (!kind.startsWith(wanted)) continue;
        for (const { house, prefix, list } of houses) {
          const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme });
          const page = await context.newPage();
          const take = (name: string) =>
            page.screenshot({ path: join(folder, `${kind}-${prefix}${name}.png`), fullPage: true });
          await page.goto(`${house.server.address()}/login?language=${language}`);
          await take("login");
          await logInTo(page, house);
          for (const [name, path] of list) {
            await page.goto(house.server.address() + path);
            await take(name);
          }
          await page.goto(`${house.server.address()}/settings/group`);
          await page.fill("#members", "10 (Anna Adler)\nBernd = 11\n12 = canan");
          await page.click("main button[type=submit]");
          await take("group-errors");
          await context.close();
        }
      }
} finally {
  await browser.close();
  for (const { house } of houses) await house.close();
}

/** The settings file was edited by hand, the PBX refuses the login, the FTP server is gone. */
async function trouble({ folder: data, services, state, change }: Office): Promise<void> {
  writeFileSync(join(data, "settings.json"), JSON.stringify({ pbx: { port: 0 }, colour: "red" }));
  await services.settings.reload();
  const since = new Date(officeNow.getTime() - 2 * 3_600_000);
  const hint = "Is the server running, and is its port open?";
  const refused = {
    code: "ftp-unreachable",
    message: "FTP server ftp.havelland-solar.example:21: refused",
    hint,
  };
  change({
    pbx: { state: "waiting", nextTryAt: new Date(officeNow.getTime() + 20_000) },
    liveCalls: [],
    conditions: [
      {
        subject: "pbx",
        code: "pbx-login-refused",
        message: 'AMI 127.0.0.1:5038: login of user "mitschnitt" refused',
        hint: "",
        since,
      },
      { subject: "target:zentrale-4d5e6f", ...refused, since },
    ],
    deliveries: state.deliveries.map((delivery) =>
      delivery.targetName === "Zentrale"
        ? { ...delivery, state: "unreachable", waiting: 17, onHold: 2, lastError: refused }
        : delivery,
    ),
  });
}
