// Keeps the open overviews up to date: at each change the fragments are rendered once a language, and whoever looks gets
// those that differ from what he has, as server-sent events.

import type { Response } from "express";
import type { Language } from "../../words/words.ts";

/** Name of the fragment → HTML. */
export type Fragments = Readonly<Record<string, string>>;

export interface LiveHub {
  /** False where too many are connected already. */
  connect(res: Response, viewer: Viewer): boolean;
  /** Ends the connections of a session that was logged out, or of all others when a password was changed. */
  closeSession(sessionId: string): void;
  closeOthers(sessionId: string): void;
  close(): void;
  connections(): number;
}

export interface Viewer {
  readonly sessionId: string;
  readonly language: Language;
  /** When the login ends if the reader does nothing but look. */
  readonly expiresAt: Date;
}

export interface LiveHubParts {
  readonly render: (language: Language) => Promise<Fragments>;
  readonly onChange: (listener: () => void) => () => void;
  readonly onError: (error: unknown) => void;
  readonly now: () => Date;
  /** Times that are written out ("for 2 hours") and free space change without an event. */
  readonly refreshEveryMs?: number;
}

const mostConnections = 100;
const mostPerSession = 6;
/** What a browser that no longer reads may leave in our memory. */
const mostBufferedBytes = 1024 * 1024;
const retryAfterMs = 3_000;

interface Connection extends Viewer {
  readonly res: Response;
  sent: Fragments;
}

export function createLiveHub(parts: LiveHubParts): LiveHub {
  const { render, onChange, onError, now, refreshEveryMs = 10_000 } = parts;
  const connections = new Set<Connection>();
  let rendering = false;
  let again = false;

  const end = (connection: Connection): void => {
    connections.delete(connection);
    connection.res.end();
  };

  const send = (connection: Connection, fragments: Fragments): void => {
    const changed = Object.entries(fragments).filter(([name, html]) => connection.sent[name] !== html);
    connection.sent = fragments;
    // Even when nothing changed a line is written: it shows both sides that the other one is there.
    const text =
      changed.length === 0
        ? ":\n\n"
        : `event: fragments\ndata: ${JSON.stringify(Object.fromEntries(changed))}\n\n`;
    if (connection.res.writableLength > mostBufferedBytes) {
      connections.delete(connection);
      connection.res.destroy();
    } else connection.res.write(text);
  };

  const renderAll = async (): Promise<void> => {
    for (const connection of connections) if (connection.expiresAt <= now()) end(connection);
    for (const language of new Set([...connections].map((connection) => connection.language))) {
      const fragments = await render(language);
      for (const connection of connections) if (connection.language === language) send(connection, fragments);
    }
  };

  /** One at a time; what changes meanwhile is in the next round. */
  const update = async (): Promise<void> => {
    if (rendering) {
      again = true;
      return;
    }
    rendering = true;
    try {
      do {
        again = false;
        if (connections.size > 0) await renderAll();
      } while (again);
    } catch (error) {
      onError(error);
    } finally {
      rendering = false;
    }
  };

  const stopListening = onChange(() => void update());
  const refresh = setInterval(() => void update(), refreshEveryMs);
  refresh.unref();

  return {
    connect(res, viewer) {
      const ofSession = [...connections].filter(({ sessionId }) => sessionId === viewer.sessionId);
      if (connections.size >= mostConnections || ofSession.length >= mostPerSession) return false;
      res.set({ "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
      res.flushHeaders();
      res.write(`retry: ${retryAfterMs}\n\n`);
      const connection: Connection = { ...viewer, res, sent: {} };
      connections.add(connection);
      res.on("close", () => connections.delete(connection));
      void update();
      return true;
    },
    closeSession(sessionId) {
      for (const connection of connections) if (connection.sessionId === sessionId) end(connection);
    },
    closeOthers(sessionId) {
      for (const connection of connections) if (connection.sessionId !== sessionId) end(connection);
    },
    close() {
      stopListening();
      clearInterval(refresh);
      for (const connection of connections) end(connection);
    },
    connections: () => connections.size,
  };
}
