import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { type Asterisk, startAsterisk } from "../../lab/asterisk.ts";
import { freePort } from "../../lab/ports.ts";
import { provisionAsterisk } from "../../lab/provision/asterisk.ts";
import { type AmiActions, createAmiActions } from "../../src/pbx/ami-actions.ts";
import {
  type AmiConnection,
  type AmiConnectionOptions,
  createAmiConnection,
} from "../../src/pbx/ami-connection.ts";
import { callEventNames } from "../../src/pbx/ami-events.ts";
import type { AmiEvent } from "../../src/pbx/ami-message.ts";
import { takeSnapshot } from "../../src/pbx/channel-snapshot.ts";
import { systemClock } from "../../src/pbx/clock.ts";
import { authority, server as certificate } from "../pbx/tls-certificate.ts";
import { until } from "../support/until.ts";

const dialplan = `[office]
exten => wait,1,Answer()
 same => n,Set(CALLERID(name)=Jürgen Groß)
 same => n,Wait(60)
`;

for (const version of [22, 16] as const)
  describe(`AMI connection to Asterisk ${version}`, function () {
    this.timeout(60_000);
    const connections: AmiConnection[] = [];
    let pbx: Asterisk;
    let tlsPort: number;

    before(async () => {
      pbx = await startAsterisk({
        binary: await provisionAsterisk(version),
        files: () => ({ "extensions.conf": dialplan, "pjsip.conf": "" }),
      });
      tlsPort = await freePort("tcp");
      await writeFile(join(pbx.etcDir, "ami.pem"), certificate.cert + certificate.key);
      await appendFile(
        join(pbx.etcDir, "manager.conf"),
        `
[general](+)
tlsenable = yes
tlsbindaddr = 127.0.0.1:${tlsPort}
tlscertfile = ${pbx.etcDir}/ami.pem
tlsprivatekey = ${pbx.etcDir}/ami.pem

[mitschnitt]
secret = Schlüssel
read = system,call,dtmf,user
write = system,call,reporting

[poor]
secret = poor
read = call
write = call
`,
      );
      await pbx.cli("manager reload");
    });
    after(() => pbx.stop());

    afterEach(async () => {
      await Promise.all(connections.splice(0).map((connection) => connection.stop()));
      await pbx.ami.request("Hangup", { Channel: "/^Local/" });
    });

    function open(options: Partial<AmiConnectionOptions> = {}) {
      const connection = createAmiConnection({
        host: "127.0.0.1",
        port: pbx.amiPort,
        user: "mitschnitt",
        secret: "Schlüssel",
        wantedEvents: callEventNames,
        log: { info: () => {}, warn: () => {} },
        ...options,
      });
      connections.push(connection);
      const events: AmiEvent[] = [];
      connection.onEvent((event) => events.push(event));
      connection.start();
      return { connection, events, actions: createAmiActions(connection) };
    }

    async function connected(connection: AmiConnection): Promise<void> {
      await until("connected", () => connection.state.state === "connected");
    }

    async function errorCode(connection: AmiConnection): Promise<string> {
      await until("waiting", () => connection.state.state === "waiting");
      return connection.state.state === "waiting" ? connection.state.error.code : "";
    }

    /** A channel that waits, and its name. */
    async function placeCall(events: readonly AmiEvent[]): Promise<string> {
      await pbx.ami.action("Originate", {
        Channel: "Local/wait@office",
        Application: "Wait",
        Data: "60",
        Async: "true",
      });
      const named = () => events.findLast((event) => event.CallerIDName === "Jürgen Groß");
      await until("the channel has its caller's name", () => named() !== undefined);
      return named()?.Channel ?? "";
    }

    async function codeOf(attempt: Promise<unknown>): Promise<unknown> {
      return attempt.then(
        () => "done",
        (error: { code: string }) => error.code,
      );
    }

    async function recordTwice(actions: AmiActions, channel: string): Promise<void> {
      const file = join(pbx.monitorDir, "ami-client.wav");
      const { mixMonitorId } = await actions.mixMonitor({ channel, file });
      expect(mixMonitorId).to.match(/^0x/);
      await actions.stopMixMonitor({ channel, mixMonitorId });
      expect((await actions.mixMonitor({ channel, file, append: true })).mixMonitorId).to.match(/^0x/);
    }

    it("logs in with a secret beyond ASCII, and knows the version", async () => {
      const { connection } = open();
      await connected(connection);
      expect(connection.state)
        .to.have.property("asteriskVersion")
        .that.matches(new RegExp(`^${version}\\.`));
    });

    it("sees a call's events and its channels, and records it", async () => {
      const { connection, events, actions } = open();
      await connected(connection);
      const channel = await placeCall(events);
      const { channels } = await takeSnapshot(actions, systemClock);
      expect(channels.find(({ name }) => name === channel)).to.include({
        up: true,
        callerName: "Jürgen Groß",
      });
      expect(events.every((event) => callEventNames.has(event.Event))).to.equal(true);
      await recordTwice(actions, channel);
    });

    it("tells a channel that is gone from an action that is not allowed", async () => {
      const { connection, actions } = open();
      const poor = open({ user: "poor", secret: "poor" });
      await Promise.all([connected(connection), connected(poor.connection)]);
      const request = { channel: "PJSIP/gone-00000001", file: join(pbx.monitorDir, "gone.wav") };
      expect(await codeOf(actions.mixMonitor(request))).to.equal("pbx-no-such-channel");
      expect(await codeOf(poor.actions.mixMonitor(request))).to.equal("pbx-permission-denied");
    });

    it("sends the longest line that it allows, and Asterisk takes it", async () => {
      const { connection, actions } = open();
      await connected(connection);
      const value = "x".repeat(995);
      await connection.send({ Action: "Setvar", Variable: "LONG", Value: value });
      expect(await actions.getVar({ variable: "LONG" })).to.equal(value);
    });

    it("says that the secret is wrong", async () => {
      expect(await errorCode(open({ secret: "wrong" }).connection)).to.equal("pbx-login-refused");
    });

    it("speaks TLS, and checks the certificate", async () => {
      const trusting = open({ port: tlsPort, tls: { ca: authority } });
      await connected(trusting.connection);
      await placeCall(trusting.events);
      expect(await errorCode(open({ port: tlsPort, tls: {} }).connection)).to.equal("pbx-tls-untrusted");
    });

    it("connects again by itself after the PBX was restarted, and after it was killed", async () => {
      const { connection, events } = open();
      for (const end of [() => pbx.restart(), () => pbx.kill().then(() => pbx.restart())]) {
        await connected(connection);
        await end();
        await until("the end was noticed", () => connection.state.state !== "connected");
        await connected(connection);
        events.length = 0;
        await placeCall(events);
      }
    });
  });
