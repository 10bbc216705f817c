import { expect } from "chai";
import type { PbxError } from "../../src/core/errors.ts";
import {
  type AmiConnection,
  type AmiConnectionOptions,
  type AmiState,
  createAmiConnection,
} from "../../src/pbx/ami-connection.ts";
import type { AmiEvent } from "../../src/pbx/ami-message.ts";
import type { Tampering } from "../../src/pbx/event-mender.ts";
import { until } from "../support/until.ts";
import {
  type AmiServer,
  type AmiServerOptions,
  answerAsAsterisk,
  greeting,
  startAmiServer,
} from "./ami-server.ts";
import { createManualClock } from "./manual-clock.ts";
import { authority, server as certificate } from "./tls-certificate.ts";
import { wholeEvent } from "./whole-event.ts";

interface LogLine {
  readonly message: string;
  readonly code?: string;
}

describe("AMI connection", () => {
  const servers: AmiServer[] = [];
  const connections: AmiConnection[] = [];

  afterEach(async () => {
    await Promise.all(connections.splice(0).map((connection) => connection.stop()));
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function serve(options: AmiServerOptions = {}): Promise<AmiServer> {
    const server = await startAmiServer(options);
    servers.push(server);
    return server;
  }

  function connect(port: number, options: Partial<AmiConnectionOptions> = {}) {
    const lines: LogLine[] = [];
    const write = (fields: object, message: string) => lines.push({ ...fields, message });
    const events: AmiEvent[] = [];
    const states: AmiState[] = [];
    const connection = createAmiConnection({
      host: "127.0.0.1",
      port,
      user: "mitschnitt",
      secret: "geheim",
      wantedEvents: new Set(["Newchannel", "Hangup", "CoreShowChannel"]),
      log: { info: write, warn: write },
      random: () => 1,
      ...options,
    });
    connections.push(connection);
    connection.onEvent((event) => events.push(event));
    connection.onState((state) => states.push(state));
    connection.start();
    const reached = (state: AmiState["state"]) => until(state, () => connection.state.state === state);
    return { connection, lines, events, states, reached };
  }

  function waitingError(connection: AmiConnection): PbxError {
    const { state } = connection;
    if (state.state !== "waiting") throw new Error(`expected waiting, got ${state.state}`);
    return state.error;
  }

  async function failsWith(port: number, code: string, options: Partial<AmiConnectionOptions> = {}) {
    const { connection, lines, reached } = connect(port, options);
    await reached("waiting");
    const error = waitingError(connection);
    expect(error.code).to.equal(code);
    expect(error.hint).to.not.equal("");
    expect(lines.map((line) => line.code)).to.eql([code]);
    expect(JSON.stringify(lines)).to.not.include("geheim");
    return error;
  }

  async function freePort(): Promise<number> {
    const server = await startAmiServer();
    await server.close();
    return server.port;
  }

  async function codeOf(attempt: Promise<unknown>): Promise<string> {
    return attempt.then(
      () => "resolved",
      (error: PbxError) => error.code,
    );
  }

  it("logs in, asks for events and knows the version of Asterisk", async () => {
    const server = await serve();
    const { connection, states, reached } = connect(server.port);
    await reached("connected");
    const login = await (await server.loggedIn()).nextAction("Login");
    expect(login).to.include({ Username: "mitschnitt", Secret: "geheim", Events: "on" });
    expect(connection.state).to.include({ asteriskVersion: "22.10.1" });
    expect(states.map(({ state }) => state)).to.eql(["connecting", "connected"]);
  });

  it("is connected without a version where the user may not ask for it", async () => {
    const server = await serve({
      onAction: (action, peer) => {
        if (action.Action !== "CoreSettings") return false;
        peer.respond(action, "Response: Error", "Message: Permission denied");
        return true;
      },
    });
    const { connection, reached } = connect(server.port);
    await reached("connected");
    expect(connection.state).to.include({ asteriskVersion: "" });
  });

  it("lets only wanted events through that are whole and begin with their name", async () => {
    const server = await serve();
    const { events } = connect(server.port);
    const peer = await server.loggedIn();
    peer.write(`Event: VarSet\r\nVariable: A\r\n\r\n${wholeEvent("Newchannel")}\r\n\r\n`);
    peer.write("Privilege: call,all\r\nEvent: Newstate\r\n\r\nEvent: Newstate\r\nUniqueid: 1\r\n\r\n");
    peer.write(`${wholeEvent("Hangup")}\r\n\r\n`);
    await until("two events", () => events.length === 2);
    expect(events.map((event) => event.Event)).to.eql(["Newchannel", "Hangup"]);
  });

  it("tells of a number that imitates headers, and warns without it, once", async () => {
    const server = await serve();
    const tampering: Tampering[] = [];
    const { events, lines } = connect(server.port, { onTampering: (what) => tampering.push(what) });
    const peer = await server.loggedIn();
    const forged = wholeEvent("Hangup", { CallerIDNum: "030\r\n\r\nEvent: Hangup\r\nUniqueid: 6.6" });
    peer.write(`${forged}\r\n\r\n${forged}\r\n\r\n`);
    await until("two events", () => events.length === 2);
    expect(events[0]).to.include({ CallerIDNum: "030", Uniqueid: "1700000000.1" });
    expect(tampering).to.eql(Array(2).fill({ event: "Hangup", isMended: true }));
    const warnings = lines.filter((line) => line.message.includes("imitate"));
    expect(warnings).to.have.length(1);
    expect(JSON.stringify(warnings)).to.not.include("030");
  });

  it("waits for the rest of what has begun to come before it believes an event", async () => {
    const server = await serve();
    const { events } = connect(server.port);
    const peer = await server.loggedIn();
    peer.socket.setNoDelay(true);
    const Exten = "1\r\nPriority: 1\r\nUniqueid: 6.6\r\nLinkedid: 6.6\r\n\r\nEvent: X";
    const forged = `${wholeEvent("Newchannel", { Exten })}\r\n\r\n`;
    const cutAt = forged.indexOf("Event: X") + 2;
    peer.write(forged.slice(0, cutAt));
    // Time for it to come as a chunk of its own; if it does not, the test is only easier.
    await new Promise((resolve) => setTimeout(resolve, 20));
    peer.write(forged.slice(cutAt));
    await until("the event", () => events.length === 1);
    expect(events[0]).to.include({ Uniqueid: "1700000000.1", Exten: "1" });
  });

  it("gives the answer of a list to its action only, and foreign ones to the listeners", async () => {
    const server = await serve({
      onAction: (action, peer) => {
        if (action.Action !== "CoreShowChannels") return false;
        peer.respond(action, "Response: Success", "EventList: start");
        const item = (Channel: string, ActionID = action.ActionID ?? "") =>
          peer.write(`${wholeEvent("CoreShowChannel", { Channel, ActionID })}\r\n\r\n`);
        item("PJSIP/a-1");
        item("PJSIP/a-1", "foreign");
        peer.write("Event: VarSet\r\nVariable: A\r\n\r\n");
        peer.respond(action, "Event: CoreShowChannelsComplete", "ListItems: 1");
        item("too late");
        peer.write(`${wholeEvent("Hangup")}\r\n\r\n`);
        return true;
      },
    });
    const { connection, events, reached } = connect(server.port);
    await reached("connected");
    const items = await connection.sendList(
      { Action: "CoreShowChannels" },
      { item: "CoreShowChannel", complete: "CoreShowChannelsComplete", limit: 10 },
    );
    expect(items.map((item) => item.Channel)).to.eql(["PJSIP/a-1"]);
    await until("the last event", () => events.some((event) => event.Event === "Hangup"));
    expect(events.map((event) => event.ActionID)).to.eql(["foreign", undefined]);
  });

  it("gives the same events when they come byte by byte", async () => {
    const server = await serve({ greeting: undefined });
    const { events, reached } = connect(server.port);
    await until("a client", () => server.peers.length > 0);
    const [peer] = server.peers;
    const writeSlowly = async (text: string) => {
      for (const byte of Buffer.from(text)) {
        peer?.write(Uint8Array.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await writeSlowly(greeting);
    await reached("connected");
    await writeSlowly(`${wholeEvent("Newchannel", { CallerIDName: "Größe 😀" })}\r\n\r\n`);
    await until("the event", () => events.length === 1);
    expect(events.map((event) => event.CallerIDName)).to.eql(["Größe 😀"]);
  });

  it("survives a listener that throws, and warns once", async () => {
    const server = await serve();
    const { connection, events, lines } = connect(server.port);
    const taken = connection.onEvent(() => expect.fail("was taken away"));
    taken();
    connection.onEvent(() => {
      throw new Error("broken");
    });
    const last: string[] = [];
    connection.onEvent((event) => last.push(event.Event));
    const peer = await server.loggedIn();
    for (let i = 0; i < 100; i += 1) peer.write(`${wholeEvent("Hangup")}\r\n\r\n`);
    await until("all events", () => last.length === 100);
    expect(events).to.have.length(100);
    const warnings = lines.filter((line) => line.message === "a listener of the PBX failed");
    expect(warnings).to.have.length(1);
  });

  it("survives a listener whose promise is rejected, and warns", async () => {
    const server = await serve();
    const { connection, lines } = connect(server.port);
    connection.onEvent(() => Promise.reject(new Error("broken later")));
    (await server.loggedIn()).write(`${wholeEvent("Hangup")}\r\n\r\n`);
    await until("a warning", () => lines.some((line) => line.message === "a listener of the PBX failed"));
  });

  it("can be started again at once: the end of the old connection does not touch the new one", async () => {
    const server = await serve();
    const { connection, states, reached } = connect(server.port);
    await reached("connected");
    const stopped = connection.stop();
    connection.start();
    await stopped;
    await reached("connected");
    expect(await codeOf(connection.send({ Action: "Ping" }))).to.equal("resolved");
    expect(states.map(({ state }) => state)).to.eql([
      "connecting",
      "connected",
      "stopped",
      "connecting",
      "connected",
    ]);
  });

  it("refuses to send while not connected, and a header that is none", async () => {
    const server = await serve();
    const { connection, reached } = connect(server.port);
    expect(await codeOf(connection.send({ Action: "Ping" }))).to.equal("pbx-not-connected");
    await reached("connected");
    expect(await codeOf(connection.send({ Action: "Setvar", Value: "a\r\nb" }))).to.equal("bad-header");
    expect(await codeOf(connection.send({ Action: "Ping" }))).to.equal("resolved");
    await connection.stop();
    expect(await codeOf(connection.send({ Action: "Ping" }))).to.equal("pbx-not-connected");
  });

  it("logs off when it is stopped, and leaves no timer behind", async () => {
    const clock = createManualClock();
    const server = await serve();
    const { connection, reached, lines } = connect(server.port, { clock });
    await reached("connected");
    await connection.stop();
    const peer = await server.loggedIn();
    expect(peer.actions.at(-1)).to.include({ Action: "Logoff" });
    expect(connection.state).to.eql({ state: "stopped" });
    expect(clock.pending()).to.eql([]);
    expect(lines.map((line) => line.message)).to.eql(["connected to the PBX"]);
    await connection.stop();
  });

  describe("says what is wrong", () => {
    it("when nobody listens", async () => {
      await failsWith(await freePort(), "pbx-unreachable");
    });

    it("when the name of the PBX is unknown", async () => {
      await failsWith(5038, "pbx-host-unknown", { host: "pbx.invalid" });
    });

    it("when the port is none", async () => {
      await failsWith(70_000, "pbx-unreachable");
    });

    it("when something else listens there", async () => {
      const error = await failsWith(
        (await serve({ greeting: "SSH-2.0-OpenSSH_9.2\r\n" })).port,
        "pbx-not-ami",
      );
      expect(error.message).to.include("SSH-2.0");
      await failsWith((await serve({ greeting: "\0\0\0J5.7.1" })).port, "pbx-not-ami");
      await failsWith(
        (await serve({ greeting: greeting.slice(0, -2) + "x".repeat(1_000) })).port,
        "pbx-not-ami",
      );
    });

    it("when nothing is said", async () => {
      const limits = { loginTimeoutMs: 50 };
      await failsWith((await serve({ greeting: undefined })).port, "pbx-silent", { limits });
      await failsWith((await serve({ onAction: () => true })).port, "pbx-login-timeout", { limits });
    });

    it("when the login is refused", async () => {
      const server = await serve({
        onAction: (action, peer) => {
          peer.respond(action, "Response: Error", "Message: Authentication failed");
          peer.socket.end();
          return true;
        },
      });
      const error = await failsWith(server.port, "pbx-login-refused");
      expect(error.hint).to.include("[mitschnitt]").and.include("secret");
    });

    it("when the certificate is not trusted, or made for another name, or the port does not speak TLS", async () => {
      const { port } = await serve({ tls: certificate });
      await failsWith(port, "pbx-tls-untrusted", { tls: {} });
      await failsWith(port, "pbx-tls-untrusted", { tls: { ca: authority, servername: "other.test" } });
      await failsWith((await serve()).port, "pbx-tls-failed", { tls: { ca: authority } });
      const { reached } = connect(port, { tls: { ca: authority, servername: "pbx.test" } });
      await reached("connected");
    });
  });

  describe("connects again", () => {
    it("for ever, with growing delays, and logs the beginning and the end", async () => {
      const clock = createManualClock();
      const port = await freePort();
      const { connection, reached, lines } = connect(port, { clock });
      const delays: number[] = [];
      for (let attempt = 0; attempt < 9; attempt += 1) {
        await reached("waiting");
        const [delay = 0] = clock.pending();
        delays.push(delay);
        clock.advance(delay);
      }
      expect(delays).to.eql([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
      await reached("waiting");
      expect(connection.state).to.deep.include({ failedSince: new Date("2026-03-01T12:00:00Z") });
      await serve({ port });
      clock.advance(60_000);
      await reached("connected");
      expect(lines.map((line) => line.message)).to.eql(["PBX not connected", "connected to the PBX again"]);
    });

    it("after a refused login, more slowly", async () => {
      const clock = createManualClock();
      const refuse = { now: true };
      const server = await serve({
        onAction: (action, peer) => {
          if (action.Action !== "Login" || !refuse.now) return false;
          peer.respond(action, "Response: Error", "Message: Authentication failed");
          return true;
        },
      });
      const { reached } = connect(server.port, { clock });
      await reached("waiting");
      expect(clock.pending()).to.eql([30_000]);
      refuse.now = false;
      clock.advance(30_000);
      await reached("connected");
    });

    it("after a PBX that lets us in and drops us at once, without haste and without filling the log", async () => {
      const clock = createManualClock();
      const server = await serve({
        onAction: (action, peer) => {
          answerAsAsterisk(action, peer);
          if (action.Action === "CoreSettings") peer.socket.end();
          return true;
        },
      });
      const { reached } = connect(server.port, { clock });
      const delays: number[] = [];
      for (let attempt = 0; attempt < 4; attempt += 1) {
        await reached("waiting");
        const [delay = 0] = clock.pending();
        delays.push(delay);
        clock.advance(delay);
      }
      expect(delays).to.eql([1_000, 2_000, 4_000, 8_000]);
    });

    it("at once after a stable connection was lost", async () => {
      const clock = createManualClock();
      const server = await serve();
      const { connection, reached } = connect(server.port, { clock });
      for (let round = 0; round < 3; round += 1) {
        await reached("connected");
        clock.advance(14_000);
        server.peers.at(-1)?.socket.destroy();
        await reached("waiting");
        expect(waitingError(connection).code).to.equal("pbx-connection-lost");
        expect(clock.pending()).to.eql([1_000]);
        clock.advance(1_000);
      }
    });

    it("when a Ping stays unanswered for 10 s, 25 s after the last sign of life at the latest", async () => {
      const clock = createManualClock();
      const server = await serve({ onAction: (action) => action.Action === "Ping" });
      const { connection, reached } = connect(server.port, { clock });
      await reached("connected");
      clock.advance(15_000);
      await (await server.loggedIn()).nextAction("Ping");
      clock.advance(9_999);
      expect(connection.state.state).to.equal("connected");
      clock.advance(1);
      await reached("waiting");
      expect(waitingError(connection).code).to.equal("pbx-silent");
    });

    it("after a message without end, keeping nothing of it", async () => {
      const server = await serve({
        onAction: (_action, { socket }) => {
          const more = () => {
            while (socket.writable && socket.write("x".repeat(64 * 1024)));
          };
          socket.on("drain", more);
          more();
          return true;
        },
      });
      const before = process.memoryUsage();
      const clock = createManualClock();
      const { connection, reached } = connect(server.port, { clock });
      for (let attempt = 0; attempt < 40; attempt += 1) {
        await reached("waiting");
        expect(waitingError(connection).code).to.equal("pbx-bad-stream");
        clock.advance(clock.pending()[0] ?? 0);
      }
      await connection.stop();
      const after = process.memoryUsage();
      // Forty floods of a message of more than 1 MiB; 28 MiB leave room for what is not yet collected.
      expect(after.heapUsed + after.external - before.heapUsed - before.external).to.be.below(
        28 * 1024 * 1024,
      );
    });
  });
});
