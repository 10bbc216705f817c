// An FTP server in memory that speaks just enough for a delivery, and whose replies a test can bend: for the faults
// that no real server can be made to have on demand. The real ones are in test/servers.

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

export interface Script {
  /** Instead of the usual reply to the command (its first word); `CONNECT` is the greeting. Undefined: no reply at all. */
  readonly replies?: Readonly<Record<string, string | undefined>>;
  /** Keeps only so many bytes of each upload, and says 226. */
  readonly keepsBytes?: number;
  /** Closes everything when it has received this much of an upload. */
  readonly hangsUpAfterBytes?: number;
  /** Hangs up on this command, after it was carried out. */
  readonly hangsUpAfter?: string;
  /** Names a port on which nobody listens. */
  readonly deadDataPort?: boolean;
}

export interface ScriptedFtpServer {
  readonly port: number;
  readonly files: Map<string, Buffer>;
  readonly commands: string[];
  /** Takes effect with the next command. */
  script: Script;
  stop(): Promise<void>;
}

export async function startScriptedFtpServer(script: Script = {}): Promise<ScriptedFtpServer> {
  const sockets = new Set<Socket>();
  const servers = new Set<Server>();
  const listen = async (onSocket: (socket: Socket) => void): Promise<Server> => {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
      onSocket(socket);
    }).listen(0, "127.0.0.1");
    servers.add(server);
    await once(server, "listening");
    return server;
  };

  const control = await listen((socket) => serve(socket, state, listen));
  const state: ScriptedFtpServer = {
    port: portOf(control),
    files: new Map(),
    commands: [],
    script,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([...servers].map((server) => new Promise((done) => server.close(done))));
    },
  };
  return state;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

function serve(
  socket: Socket,
  state: ScriptedFtpServer,
  listen: (onSocket: (socket: Socket) => void) => Promise<Server>,
): void {
  const { files } = state;
  let data: Promise<Socket> | undefined;
  let renameFrom = "";
  const reply = (command: string, usual: string): void => {
    const { replies = {}, hangsUpAfter } = state.script;
    if (hangsUpAfter === command) socket.destroy();
    else if (!(command in replies)) socket.write(`${usual}\r\n`);
    else if (replies[command] !== undefined) socket.write(`${replies[command]}\r\n`);
  };
  const isBent = (command: string): boolean => command in (state.script.replies ?? {});

  const openData = async (): Promise<void> => {
    let arrived: (socket: Socket) => void = () => undefined;
    data = new Promise((resolve) => {
      arrived = resolve;
    });
    const server = await listen((dataSocket) => arrived(dataSocket));
    const port = portOf(server);
    if (state.script.deadDataPort === true) await new Promise((done) => server.close(done));
    reply("EPSV", `229 Entering Extended Passive Mode (|||${port}|)`);
  };
  const receive = async (name: string): Promise<void> => {
    files.set(name, Buffer.alloc(0));
    socket.write("150 go on\r\n");
    const chunks: Buffer[] = [];
    let bytes = 0;
    const { keepsBytes = Number.POSITIVE_INFINITY, hangsUpAfterBytes = Number.POSITIVE_INFINITY } =
      state.script;
    const dataSocket = await data;
    if (dataSocket === undefined) return;
    for await (const chunk of dataSocket) {
      chunks.push(chunk);
      bytes += chunk.length;
      files.set(name, Buffer.concat(chunks).subarray(0, keepsBytes));
      if (bytes < hangsUpAfterBytes) continue;
      socket.destroy();
      dataSocket.destroy();
      return;
    }
    reply("STOR-END", "226 complete");
  };
  const send = async (name: string): Promise<void> => {
    socket.write("150 here it comes\r\n");
    (await data)?.end(files.get(name) ?? "");
    socket.write("226 complete\r\n");
  };

  const carryOut = async (line: string): Promise<void> => {
    const [command = "", name = ""] = [line.split(" ")[0], line.slice(line.indexOf(" ") + 1)];
    state.commands.push(line);
    switch (command) {
      case "USER":
        return reply(command, "331 password please");
      case "PASS":
        return reply(command, "230 welcome");
      case "EPSV":
        return openData();
      case "STOR":
        return isBent(command) ? reply(command, "") : receive(name);
      case "RETR":
        return send(name);
      case "SIZE":
        return reply(command, files.has(name) ? `213 ${files.get(name)?.length}` : "550 no such file");
      case "DELE":
        return reply(command, files.delete(name) ? "250 gone" : "550 no such file");
      case "RNFR":
        renameFrom = name;
        return reply(command, "350 and to?");
      case "RNTO":
        if (!isBent(command)) {
          files.set(name, files.get(renameFrom) ?? Buffer.alloc(0));
          files.delete(renameFrom);
        }
        return reply(command, "250 renamed");
      case "QUIT":
        return void socket.end("221 bye\r\n");
      default:
        return reply(command, "200 fine");
    }
  };

  let rest = "";
  socket.on("data", (chunk) => {
    const lines = (rest + chunk.toString("utf8")).split("\r\n");
    rest = lines.pop() ?? "";
    for (const line of lines) void carryOut(line).catch(() => undefined);
  });
  reply("CONNECT", "220 scripted");
}
