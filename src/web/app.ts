// Puts the pages together in the order in which a request meets them: headers, files, health, API, session, login, the
// gate, and behind it everything else.

import { fileURLToPath } from "node:url";
import express, { type Express } from "express";
import { requireFormToken } from "./access/csrf.ts";
import { fullCost } from "./access/password.ts";
import { requireLogin } from "./access/require-login.ts";
import { createSessions } from "./access/session.ts";
import { controlApi } from "./api/control-api.ts";
import { loadAssets } from "./http/assets.ts";
import { securityHeaders } from "./http/security-headers.ts";
import type { LiveHub } from "./live/live-hub.ts";
import type { WebOptions } from "./options.ts";
import { createPageContext } from "./page.ts";
import { accountPage } from "./pages/account.ts";
import { callPage } from "./pages/call.ts";
import { cleanupPage } from "./pages/cleanup.ts";
import { errorPage, notFoundPage } from "./pages/error-pages.ts";
import { loginPage } from "./pages/login.ts";
import { overviewPage } from "./pages/overview.ts";
import { recordingAudio } from "./pages/recording-audio.ts";
import { recordingsPage } from "./pages/recordings.ts";
import { reportPage } from "./pages/report.ts";
import { generalSettingsPage } from "./pages/settings-general.ts";
import { groupSettingsPage } from "./pages/settings-group.ts";
import { pbxSettingsPage } from "./pages/settings-pbx.ts";
import { targetSettingsPages } from "./pages/settings-targets.ts";
import { languageLink } from "./reader.ts";
import { createRender } from "./rendering/render.ts";
import type { WebServices } from "./services.ts";

const folder = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

export interface WebApp {
  readonly app: Express;
  readonly live: LiveHub;
}

export type WebAppOptions = Omit<WebOptions, "host" | "port"> & { readonly sessionSecret: string };

export function createWebApp(services: WebServices, options: WebAppOptions): WebApp {
  const { log, secure = false, now = () => new Date() } = options;
  const assets = loadAssets(folder("public"));
  const render = createRender(folder("views"));
  const app = express();
  app.disable("x-powered-by");
  // Plain `a=b`: nobody sends us objects in a query.
  app.set("query parser", "simple");
  // A proxy in front is on this machine; nobody else may say who the client is.
  app.set("trust proxy", secure ? "loopback" : false);
  const context = createPageContext({ app, services, render, assets, log, now });

  app.use(securityHeaders(secure));
  app.get("/assets/:build/:name", assets.serve);
  app.get("/healthz", (_req, res) => {
    res.type("text").send("ok\n");
  });
  controlApi(app, services, options.controlToken);

  app.use(createSessions({ db: services.db, secret: options.sessionSecret, secure, now }));
  app.use(languageLink(secure));
  loginPage(context);
  app.use(requireLogin);
  app.use(express.urlencoded({ extended: false, limit: "256kb", parameterLimit: 100 }));
  app.use(requireFormToken);

  const live = overviewPage(context, render);
  cleanupPage(context);
  recordingsPage(context);
  recordingAudio(context, options.spoolFolder);
  callPage(context);
  reportPage(context);
  groupSettingsPage(context);
  pbxSettingsPage(context);
  targetSettingsPages(context);
  generalSettingsPage(context);
  accountPage(context, live, options.passwordCost ?? fullCost);

  app.use(notFoundPage(context));
  app.use(errorPage(context));
  return { app, live };
}
