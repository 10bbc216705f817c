// A manager interface on loopback that says what a test tells it to, byte for byte. By default it greets, lets everybody
// in and answers Ping, CoreSettings and Logoff, as Asterisk does.
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { type AmiRecord, parseHeaders } from "../../src/pbx/ami-message.ts";
import { until } from "../support/until.ts";

export const greeting = "Asterisk Call Manager/11.0.0\r\n";

export interface AmiPeer {
  readonly socket: Socket;
  /** What the client sent. */
  readonly actions: AmiRecord[];
  write(bytes: string | Uint8Array): void;
  /** Waits for the client's next action of this name. */
  nextAction(name: string): Promise<AmiRecord>;
  respond(action: AmiRecord, ...headers: string[]): void;
}

export interface AmiServerOptions {
  /** Undefined: says nothing at all. */
  readonly greeting?: string | undefined;
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Returns true when it has dealt with the action itself. */
  readonly onAction?: (action: AmiRecord, peer: AmiPeer) => boolean;
  readonly port?: number;
}

export interface AmiServer {
  readonly port: number;
  readonly peers: AmiPeer[];
  /** Waits until the client with this number (from 0) has logged in. */
  loggedIn(index?: number): Promise<AmiPeer>;
  close(): Promise<void>;
}

export async function startAmiServer(options: AmiServerOptions = {}): Promise<AmiServer> {
  const peers: AmiPeer[] = [];
  const onSocket = (socket: Socket) => peers.push(createPeer(socket, { greeting, ...options }));
  const server: Server =
    options.tls === undefined ? createServer(onSocket) : createTlsServer(options.tls, onSocket);
  server.on("tlsClientError", () => {});
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  return {
    port,
    peers,
    loggedIn: async (index = 0) => {
      await until(`client ${index} logs in`, () => isLoggedIn(peers[index]));
      const peer = peers[index];
      if (peer === undefined) throw new Error("unreachable");
      return peer;
    },
    close: () => {
      for (const { socket } of peers) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function isLoggedIn(peer: AmiPeer | undefined): boolean {
  return peer?.actions.some((action) => action.Action === "Login") ?? false;
}

function createPeer(socket: Socket, { greeting: greets, onAction }: AmiServerOptions): AmiPeer {
  const actions: AmiRecord[] = [];
  const seen = new Map<string, number>();
  let input = "";
  const peer: AmiPeer = {
    socket,
    actions,
    write: (bytes) => socket.write(bytes),
    nextAction: async (name) => {
      const number = seen.get(name) ?? 0;
      seen.set(name, number + 1);
      const found = () => actions.filter((action) => action.Action === name)[number];
      await until(`action ${name}`, () => found() !== undefined);
      return found() ?? {};
    },
    respond: (action, ...headers) => {
      socket.write(`${[...headers, `ActionID: ${action.ActionID}`].join("\r\n")}\r\n\r\n`);
    },
  };
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    input += chunk.toString("utf8");
    const messages = input.split("\r\n\r\n");
    input = messages.pop() ?? "";
    for (const message of messages) {
      const action = parseHeaders(message);
      actions.push(action);
      if (!onAction?.(action, peer)) answerAsAsterisk(action, peer);
    }
  });
  if (greets !== undefined) socket.write(greets);
  return peer;
}

export function answerAsAsterisk(action: AmiRecord, peer: AmiPeer): void {
  if (action.Action === "Login") {
    peer.respond(action, "Response: Success", "Message: Authentication accepted");
  } else if (action.Action === "Ping") {
    peer.respond(action, "Response: Success", "Ping: Pong");
  } else if (action.Action === "CoreSettings") {
    peer.respond(action, "Response: Success", "AsteriskVersion: 22.10.1");
  } else if (action.Action === "Logoff") {
    peer.respond(action, "Response: Goodbye", "Message: Thanks for all the fish.");
    peer.socket.end();
  }
}
