// Hands the module to the pages. A port that is taken does not stop the recording: the pages move to a free one, and
// that is shown.

import type { Conditions } from "./core/conditions.ts";
import { assertNever } from "./core/errors.ts";
import type { JournalDb } from "./journal/journal.ts";
import { findRecording } from "./journal/recordings-search.ts";
import type { AmiState } from "./pbx/ami-connection.ts";
import type { PbxLink } from "./pbx/pbx-link.ts";
import type { Recording } from "./recording/recording.ts";
import type { Secrets } from "./settings/secrets.ts";
import type { SettingsStore } from "./settings/store.ts";
import { insideFolder, type Spool } from "./spool/spool.ts";
import type { StorageSide } from "./storage-side.ts";
import type { TransferQueue } from "./transfer/queue.ts";
import { ensureFirstUser } from "./web/access/first-user.ts";
import type { WebLog } from "./web/options.ts";
import { createWebServer } from "./web/server.ts";
import type { PbxConnection, WebServices } from "./web/services.ts";

export interface WebSideParts {
  readonly http: { readonly host: string; readonly port: number };
  readonly version: string;
  readonly controlToken: string;
  readonly db: JournalDb;
  readonly spool: Spool;
  readonly settings: SettingsStore;
  readonly secrets: Secrets;
  readonly conditions: Conditions;
  readonly link: PbxLink;
  readonly recording: Recording;
  readonly storage: Pick<StorageSide, "space">;
  readonly delivery: TransferQueue;
  readonly log: WebLog;
}

export interface WebSide {
  readonly address: string;
  readonly firstUser: { readonly name: string; readonly password: string } | undefined;
  close(): Promise<void>;
}

export async function servePages(parts: WebSideParts): Promise<WebSide> {
  const { http, conditions, log } = parts;
  const firstUser = await ensureFirstUser(parts.db);
  const services = createServices(parts);
  const listenOn = async (port: number): Promise<WebSide> => {
    const server = createWebServer(services, {
      host: http.host,
      port,
      controlToken: parts.controlToken,
      spoolFolder: parts.spool.transferFolder,
      log,
    });
    await server.listen();
    return { address: server.address(), firstUser, close: () => server.close() };
  };
  try {
    return await listenOn(http.port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    const side = await listenOn(0);
    conditions.raise(
      "web",
      {
        code: "web-port-taken",
        message: `port ${http.port} on ${http.host} is taken by another program: the pages are at ${side.address}`,
        hint: "End the other program, or set MITSCHNITT_HTTP to a free port, and restart Mitschnitt.",
      },
      new Date(),
    );
    return side;
  }
}

function createServices(parts: WebSideParts): WebServices {
  const { db, spool, conditions, link, recording, delivery, log } = parts;
  return {
    version: parts.version,
    db,
    settings: parts.settings,
    secrets: parts.secrets,
    pbx: () => connectionOf(link.state),
    conditions: () => conditions.list(),
    liveCalls: () => recording.liveCalls(),
    space: parts.storage.space,
    cleanup: recording.cleanup,
    deliveries: () => delivery.status(),
    deliverNow(targetId) {
      delivery
        .runNow(targetId)
        .catch((error: unknown) => log.error({ error: String(error) }, "delivery not begun"));
    },
    onChange: combined([
      (listener) => recording.onChange(listener),
      (listener) => delivery.onChange(listener),
      (listener) => conditions.onChange(listener),
      (listener) => link.onState(listener),
    ]),
    async recordingFile(recordingId) {
      const row = await findRecording(db, recordingId);
      if (row?.state !== "finished" || row.file_name === null) return undefined;
      const path = await insideFolder(spool.transferFolder, spool.transferPath(row.file_name));
      return path === undefined ? undefined : { path, name: row.file_name };
    },
  };
}

function connectionOf(state: AmiState): PbxConnection {
  switch (state.state) {
    case "waiting":
      return { state: "waiting", nextTryAt: state.nextTryAt };
    case "connecting":
      return { state: "connecting" };
    case "connected":
      // `22.10.1+dfsg+~cs6.17…`: what a distribution adds is of no use to a reader.
      return { ...state, asteriskVersion: state.asteriskVersion.replace(/[+~].*$/, "") };
    case "stopped":
      return state;
    default:
      return assertNever(state);
  }
}

/** Many events a second become a few calls: the first at once, the rest together. */
const fewestMsBetween = 300;

function combined(sources: readonly ((listener: () => void) => unknown)[]): WebServices["onChange"] {
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let again = false;
  const tell = (): void => {
    if (timer !== undefined) {
      again = true;
      return;
    }
    for (const listener of listeners) listener();
    timer = setTimeout(() => {
      timer = undefined;
      if (!again) return;
      again = false;
      tell();
    }, fewestMsBetween);
    timer.unref();
  };
  for (const source of sources) source(tell);
  return (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
}
