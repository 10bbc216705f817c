// The pages' HTTP server. `main` hands in the services and starts it; closing ends the live connections first, which
// would otherwise stay for ever.

import { createServer, type Server } from "node:http";
import { sessionSecret } from "./access/session.ts";
import { createWebApp, type WebApp } from "./app.ts";
import type { WebOptions } from "./options.ts";
import type { WebServices } from "./services.ts";

export interface WebServer {
  /** Resolves once connections are accepted; rejects where the address is taken. */
  listen(): Promise<void>;
  close(): Promise<void>;
  /** `http://127.0.0.1:8090`; throws before listen(). */
  address(): string;
}

/** What a request may take to arrive; answers (a long report, a live view) may take longer. */
const requestTimeoutMs = 60_000;
const headersTimeoutMs = 20_000;
const mostConnections = 500;

export function createWebServer(services: WebServices, options: WebOptions): WebServer {
  let running: { readonly server: Server; readonly web: WebApp } | undefined;

  return {
    async listen() {
      const web = createWebApp(services, {
        ...options,
        sessionSecret: await sessionSecret(services.secrets),
      });
      const server = createServer(
        { requestTimeout: requestTimeoutMs, headersTimeout: headersTimeoutMs },
        web.app,
      );
      server.maxConnections = mostConnections;
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(options.port, options.host, () => {
          server.off("error", reject);
          resolve();
        });
      }).catch((error: unknown) => {
        web.live.close();
        throw error;
      });
      running = { server, web };
    },
    async close() {
      if (running === undefined) return;
      const { server, web } = running;
      running = undefined;
      web.live.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
    address() {
      const address = running?.server.address();
      if (address === null || address === undefined || typeof address === "string")
        throw new Error("the web server is not listening");
      const host = address.family === "IPv6" ? `[${address.address}]` : address.address;
      return `http://${host}:${address.port}`;
    },
  };
}
