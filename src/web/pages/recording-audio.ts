// The sound itself, by the recording's random id: in the page's player (the browser asks for ranges) and as a download.
// No path ever comes from a request, and what is sent lies inside the spool after all links are followed.

import { realpath } from "node:fs/promises";
import { basename, relative, sep } from "node:path";
import type { Response } from "express";
import { isJournalId } from "../../journal/recordings-search.ts";
import type { PageContext } from "../page.ts";
import type { WebServices } from "../services.ts";

export interface ServedFile {
  /** The spool's real path. */
  readonly root: string;
  /** Below it. */
  readonly path: string;
  /** For the download. */
  readonly name: string;
}

/** The recording's file, or undefined where it is not here or not where it ought to be. */
export async function servedFile(
  services: Pick<WebServices, "recordingFile">,
  spoolFolder: string,
  recordingId: unknown,
): Promise<ServedFile | undefined> {
  if (!isJournalId(recordingId)) return undefined;
  const file = await services.recordingFile(recordingId);
  if (file === undefined) return undefined;
  try {
    const [root, path] = await Promise.all([realpath(spoolFolder), realpath(file.path)]);
    if (!path.startsWith(root + sep)) return undefined;
    return { root, path: relative(root, path), name: basename(file.name) };
  } catch {
    return undefined;
  }
}

const send = (res: Response, file: ServedFile): Promise<void> =>
  new Promise((resolve, reject) => {
    const options = { root: file.root, dotfiles: "deny", acceptRanges: true, cacheControl: false } as const;
    res.sendFile(file.path, options, (error: (Error & { status?: number; code?: string }) | undefined) => {
      // A listener who closes the page or jumps ahead ends the transfer; that is no error.
      if (!error || error.code === "ECONNABORTED" || res.headersSent) resolve();
      else reject(error);
    });
  });

export function recordingAudio(context: PageContext, spoolFolder: string): void {
  const { app, services } = context;

  app.get("/recordings/:id/audio", async (req, res, next) => {
    const file = await servedFile(services, spoolFolder, req.params.id);
    if (file === undefined) return next();
    res.type("audio/wav");
    await send(res, file);
  });

  app.get("/recordings/:id/download", async (req, res, next) => {
    const file = await servedFile(services, spoolFolder, req.params.id);
    if (file === undefined) return next();
    // Both forms of the name, as RFC 6266 asks: plain for old clients, UTF-8 (RFC 8187) for all others.
    res.attachment(file.name).type("audio/wav");
    await send(res, file);
  });
}
