// Pictures of every page, in both languages, wide and narrow, light and dark, for a person to look at:
// `npx tsx test/browser/pictures.ts FOLDER`. The overview's also goes into the README.

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launchChromium, logInTo } from "../support/chromium.ts";
import { fillOffice, openOffice } from "../support/office-fixture.ts";

const folder = process.argv[2] ?? "pictures";
const only = process.argv[3];
mkdirSync(folder, { recursive: true });

const office = await openOffice();
const { callId } = await fillOffice(office);
const empty = await openOffice({ settings: { language: "de" }, state: { pbx: { state: "connecting" } } });
const browser = await launchChromium();

const pages: readonly (readonly [string, string])[] = [
  ["overview", "/"],
  ["recordings", "/recordings"],
  ["nothing-found", "/recordings?q=99999"],
  ["call", `/calls/${callId}`],
  ["report", "/report"],
  ["group", "/settings/group"],
  ["pbx", "/settings/pbx"],
  ["targets", "/settings/targets"],
  ["target", "/settings/targets/zentrale-4d5e6f"],
  ["general", "/settings/general"],
  ["account", "/account"],
];

try {
  for (const language of ["de", "en"] as const)
    for (const width of [1280, 390])
      for (const colorScheme of ["light", "dark"] as const) {
        if (only !== undefined && !`${language}-${width}-${colorScheme}`.startsWith(only)) continue;
        for (const [house, name, list] of [
          [office, "", pages],
          [
            empty,
            "empty-",
            pages.filter(([page]) => ["overview", "recordings", "report", "targets"].includes(page)),
          ],
        ] as const) {
          const context = await browser.newContext({
            viewport: { width, height: 844 },
            colorScheme,
            locale: language,
          });
          const page = await context.newPage();
          await page.goto(`${house.server.address()}/login?language=${language}`);
          await page.screenshot({
            path: join(folder, `${language}-${width}-${colorScheme}-${name}login.png`),
          });
          await logInTo(page, house);
          for (const [title, path] of list) {
            await page.goto(house.server.address() + path);
            await page.screenshot({
              path: join(folder, `${language}-${width}-${colorScheme}-${name}${title}.png`),
              fullPage: true,
            });
          }
          await context.close();
        }
      }
} finally {
  await browser.close();
  await office.close();
  await empty.close();
}
