import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { expect } from "chai";
import { type AmiProxy, startAmiProxy } from "../../lab/ami-proxy.ts";
import { until } from "../support/until.ts";

describe("AMI proxy", () => {
  let pbx: Server;
  let proxy: AmiProxy;
  let pbxSide: Socket[];
  let heardByPbx: string;

  beforeEach(async () => {
    [pbxSide, heardByPbx] = [[], ""];
    pbx = createServer((socket) => {
      pbxSide.push(socket);
      socket.on("error", () => undefined);
      socket.on("data", (chunk) => {
        heardByPbx += chunk;
      });
    }).listen(0, "127.0.0.1");
    await once(pbx, "listening");
    proxy = await startAmiProxy();
    const address = pbx.address();
    if (address === null || typeof address === "string") throw new Error("expected a port");
    proxy.forwardTo(address.port);
  });
  afterEach(async () => {
    await proxy.stop();
    for (const socket of pbxSide) socket.destroy();
    await new Promise((closed) => pbx.close(closed));
  });

  const call = () => {
    const caller = { heard: "", end: "" };
    const socket = connect(proxy.port, "127.0.0.1");
    socket.on("data", (chunk) => {
      caller.heard += chunk;
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      caller.end = error.code ?? "";
    });
    socket.on("close", () => {
      caller.end ||= "closed";
    });
    return { caller, socket };
  };
  const through = async () => {
    const before = pbxSide.length;
    const { caller, socket } = call();
    await until("the PBX is reached", () => pbxSide.length > before);
    return { caller, socket, server: pbxSide[before] as Socket };
  };

  it("passes both ways", async () => {
    const { caller, socket, server } = await through();
    socket.write("Action: Ping\r\n\r\n");
    server.write("Response: Success\r\n\r\n");
    await until("both have heard", () => heardByPbx !== "" && caller.heard !== "");
    expect([heardByPbx, caller.heard]).to.deep.equal(["Action: Ping\r\n\r\n", "Response: Success\r\n\r\n"]);
  });

  it("resets and refuses until it is mended", async () => {
    const { caller } = await through();
    proxy.cut();
    await until("it is cut", () => caller.end !== "");
    expect(caller.end).to.equal("ECONNRESET");
    const refused = call().caller;
    await until("the next is refused", () => refused.end !== "");
    proxy.mend();
    await through();
    expect(proxy.passing).to.equal(1);
  });

  it("cuts within an event, whose first half is heard", async () => {
    const { caller, server } = await through();
    const cut = proxy.cutWithin("Hangup");
    const hangup = "Event: Hangup\r\nChannel: PJSIP/alice-00000001\r\n\r\n";
    server.write(`Event: Hold\r\n\r\n${hangup.slice(0, 20)}`);
    await until("the first event has passed", () => caller.heard !== "");
    server.write(hangup.slice(20));
    await cut;
    await until("it is cut", () => caller.end !== "");
    expect(caller.heard).to.equal(`Event: Hold\r\n\r\n${hangup.slice(0, hangup.length / 2)}`);
  });

  it("swallows what the PBX says after an event, and passes on what it is asked", async () => {
    const { caller, socket, server } = await through();
    const muted = proxy.muteAfter("DialEnd");
    server.write("Event: Hold\r\n\r\nEvent: DialEnd\r\n\r\nEvent: Hangup\r\n\r\n");
    await muted;
    socket.write("Action: Ping\r\n\r\n");
    await until("the PBX has heard", () => heardByPbx !== "");
    server.write("Response: Success\r\n\r\n");
    const { caller: next, server: nextServer } = await through();
    nextServer.write("hello");
    await until("a new one passes", () => next.heard === "hello");
    expect(caller).to.deep.equal({ heard: "Event: Hold\r\n\r\nEvent: DialEnd\r\n\r\n", end: "" });
  });

  it("freezes without a word, for the old connection and for new ones", async () => {
    const { caller, socket, server } = await through();
    proxy.freeze();
    const late = await through();
    server.write("Event: Hold\r\n\r\n");
    late.server.write("Asterisk Call Manager\r\n");
    socket.write("Action: Ping\r\n\r\n");
    late.socket.write("Action: Login\r\n\r\n");
    proxy.mend();
    const { caller: fresh, server: freshServer } = await through();
    freshServer.write("hello");
    await until("a new one passes", () => fresh.heard === "hello");
    expect([caller, late.caller, heardByPbx]).to.deep.equal([
      { heard: "", end: "" },
      { heard: "", end: "" },
      "",
    ]);
    for (const one of [socket, late.socket]) one.destroy();
  });
});
