// Debian's Chromium, driven by playwright-core: quiet, offline, and with an ear for everything that a page complains of.

import { expect } from "chai";
import { type Browser, chromium, type Page } from "playwright-core";
import type { Office } from "./office-fixture.ts";

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });

export async function logInTo(page: Page, office: Office): Promise<void> {
  await page.goto(`${office.server.address()}/login`);
  await page.fill("#name", "admin");
  await page.fill("#password", office.password);
  await page.click("main button[type=submit]");
  await page.waitForURL((url) => url.pathname !== "/login");
}

/** Everything that went wrong in the page: errors of the console (violations of the CSP among them) and of scripts. */
export function listenForComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return complaints;
}

/** Nothing sticks out to the right of the window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  const [content = 0, window = 0] = (await page.evaluate(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  )) as number[];
  expect(content, `${page.url()} scrolls sideways`).to.be.at.most(window);
}
