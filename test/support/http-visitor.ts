// Somebody at the pages without a browser: keeps cookies, follows nothing by itself, finds a form's token.

import { request as httpRequest } from "node:http";
import type { Office } from "./office-fixture.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly bytes: Buffer;
}

export interface Visitor {
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** With the token of the last page that had a form, unless `_csrf` is given. */
  post(path: string, fields: Record<string, string>, headers?: Record<string, string>): Promise<Answer>;
  send(method: string, path: string, body?: string, headers?: Record<string, string>): Promise<Answer>;
  cookies(): ReadonlyMap<string, string>;
  setCookie(name: string, value: string): void;
}

const timeoutMs = 5_000;

export function visitorOf(address: string): Visitor {
  const jar = new Map<string, string>();
  let token = "";
  const base = new URL(address);

  const send: Visitor["send"] = (method, path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const req = httpRequest(
        {
          host: base.hostname,
          port: base.port,
          method,
          path,
          timeout: timeoutMs,
          agent: false,
          headers: { accept: "text/html", ...(cookie === "" ? {} : { cookie }), ...headers },
        },
        (res) => {
          const chunks: Buffer[] = [];
          res.on("data", (chunk: Buffer) => chunks.push(chunk));
          res.on("error", reject);
          res.on("end", () => {
            for (const line of res.headers["set-cookie"] ?? []) {
              const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
              if (/expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
              else jar.set(name, value);
            }
            const bytes = Buffer.concat(chunks);
            const text = bytes.toString("utf8");
            token = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? token;
            resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text, bytes });
          });
        },
      );
      req.on("timeout", () =>
        req.destroy(new Error(`no answer to ${method} ${path} within ${timeoutMs} ms`)),
      );
      req.on("error", reject);
      req.end(body);
    });

  return {
    send,
    get: (path, headers) => send("GET", path, undefined, headers),
    post: (path, fields, headers) =>
      send("POST", path, new URLSearchParams({ _csrf: token, ...fields }).toString(), {
        "content-type": "application/x-www-form-urlencoded",
        ...headers,
      }),
    cookies: () => jar,
    setCookie: (name, value) => void jar.set(name, value),
  };
}

/** Logged in as the office's administrator. */
export async function loggedIn(office: Office): Promise<Visitor> {
  const visitor = visitorOf(office.server.address());
  await visitor.get("/login");
  const answer = await visitor.post("/login", { name: "admin", password: office.password });
  if (answer.status !== 303) throw new Error(`login: expected 303, got ${answer.status}: ${answer.body}`);
  // For the token of the new session.
  await visitor.get("/account");
  return visitor;
}
