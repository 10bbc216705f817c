// A line between module and PBX that can be cut: passes AMI on, resets it when told to, also within an event, or falls
// silent without closing anything, as a firewall does that has forgotten a connection.

import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

export interface AmiProxy {
  readonly port: number;
  /** Where the PBX listens; until this is said, whoever comes is refused. */
  forwardTo(pbxPort: number): void;
  /** Resets every connection; new ones are refused until `mend`. */
  cut(): void;
  /** Lets half of the next event of this name pass and then cuts. Resolves when that has happened. */
  cutWithin(eventName: string): Promise<void>;
  /**
   * Lets the next event of this name pass and swallows from then on what the PBX says; what it is asked still reaches it.
   * Resolves when that has begun.
   */
  muteAfter(eventName: string): Promise<void>;
  /** Swallows everything on both sides, also on connections that are made from now on. Nothing is closed. */
  freeze(): void;
  /** New connections pass again; what was frozen stays so. */
  mend(): void;
  /** Connections that pass at the moment. */
  readonly passing: number;
  stop(): Promise<void>;
}

interface Line {
  readonly module: Socket;
  readonly pbx: Socket;
  isFrozen: boolean;
  /** Of the PBX's side. */
  isMute: boolean;
  /** Of the PBX's messages, what has not passed while an event is waited for. */
  held: Buffer;
}

/** An event that is looked for in what the PBX says, and what happens with the line then. */
interface Awaited {
  readonly eventName: string;
  readonly react: (line: Line, event: Buffer) => void;
}

const endOfMessage = "\r\n\r\n";

export async function startAmiProxy(): Promise<AmiProxy> {
  const lines = new Set<Line>();
  let pbxPort: number | undefined;
  let state: "passing" | "cut" | "frozen" = "passing";
  let awaited: Awaited | undefined;

  const end = (line: Line): void => {
    lines.delete(line);
    line.module.resetAndDestroy();
    line.pbx.resetAndDestroy();
  };

  const cut = (): void => {
    state = "cut";
    for (const line of lines) end(line);
  };

  const passToModule = (line: Line, chunk: Buffer): void => {
    if (line.isFrozen || line.isMute) return;
    line.held = Buffer.concat([line.held, chunk]);
    if (awaited === undefined) line.module.write(takeHeld(line));
    else passUntilAwaited(line, awaited);
  };

  const passUntilAwaited = (line: Line, { eventName, react }: Awaited): void => {
    for (let end = line.held.indexOf(endOfMessage); end !== -1; end = line.held.indexOf(endOfMessage)) {
      const message = line.held.subarray(0, end + endOfMessage.length);
      line.held = line.held.subarray(message.length);
      if (message.toString("latin1").startsWith(`Event: ${eventName}\r\n`)) {
        awaited = undefined;
        react(line, message);
        return;
      }
      line.module.write(message);
    }
  };

  const takeHeld = (line: Line): Buffer => {
    const { held } = line;
    line.held = Buffer.alloc(0);
    return held;
  };

  const cutAfterHalf = (line: Line, event: Buffer, done: () => void): void => {
    line.isFrozen = true;
    // A reset overtakes what is still to be sent.
    line.module.write(event.subarray(0, event.length / 2), () => {
      cut();
      done();
    });
  };

  const mute = (line: Line, event: Buffer, done: () => void): void => {
    line.isMute = true;
    line.module.write(event, () => done());
  };

  const reactTo = (eventName: string, react: (line: Line, event: Buffer, done: () => void) => void) =>
    new Promise<void>((done) => {
      awaited = { eventName, react: (line, event) => react(line, event, done) };
    });

  const accept = (module: Socket): void => {
    module.on("error", () => {}); // "close" follows
    if (state === "cut" || pbxPort === undefined) {
      module.resetAndDestroy();
      return;
    }
    const pbx = connect(pbxPort, "127.0.0.1");
    const line: Line = { module, pbx, isFrozen: state === "frozen", isMute: false, held: Buffer.alloc(0) };
    lines.add(line);
    pbx.on("error", () => {});
    for (const socket of [module, pbx]) {
      socket.setNoDelay(true);
      // The other side of a frozen line hears nothing of it.
      socket.on("close", () => {
        if (!line.isFrozen) end(line);
      });
    }
    pbx.on("data", (chunk) => passToModule(line, chunk));
    module.on("data", (chunk) => {
      if (!line.isFrozen) pbx.write(chunk);
    });
  };

  const server = createServer({ allowHalfOpen: false }, accept).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: portOf(server),
    forwardTo(port) {
      pbxPort = port;
    },
    cut,
    cutWithin: (eventName) => reactTo(eventName, cutAfterHalf),
    muteAfter: (eventName) => reactTo(eventName, mute),
    freeze() {
      state = "frozen";
      for (const line of lines) line.isFrozen = true;
    },
    mend() {
      state = "passing";
    },
    get passing() {
      return [...lines].filter((line) => !line.isFrozen && !line.isMute).length;
    },
    async stop() {
      cut();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}
