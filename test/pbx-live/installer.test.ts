import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { connectAmi } from "../../lab/ami.ts";
import { type Asterisk, startAsterisk } from "../../lab/asterisk.ts";
import { provisionAsterisk } from "../../lab/provision/asterisk.ts";
import { install } from "../../src/module/installer.ts";
import { uninstall } from "../../src/module/uninstaller.ts";
import { createAmiActions } from "../../src/pbx/ami-actions.ts";
import { createAmiConnection } from "../../src/pbx/ami-connection.ts";
import { amiSecretName, openSecrets } from "../../src/settings/secrets.ts";
import { rejection } from "../module/rejection.ts";
import { until } from "../support/until.ts";

const dialplan = `[office]
exten => wait,1,Answer()
 same => n,Wait(60)
exten => dial,1,Dial(Local/wait@office/n,,U(mitschnitt-member))
exten => ask,1,Gosub(mitschnitt-incoming,s,1)
 same => n,Gosub(mitschnitt-outgoing,s,1)
 same => n,Gosub(mitschnitt-member,s,1)
 same => n,UserEvent(Returned)
`;

const wanted = [
  "FullyBooted",
  "Newchannel",
  "Newstate",
  "NewConnectedLine",
  "DialBegin",
  "DialEnd",
  "LocalBridge",
].concat(["BridgeEnter", "BridgeLeave", "Hangup"]);

for (const version of [22, 16] as const)
  describe(`installer on Asterisk ${version}`, function () {
    this.timeout(60_000);
    let pbx: Asterisk;
    let dataDir: string;

    const options = () => ({
      asteriskConf: join(pbx.etcDir, "asterisk.conf"),
      asteriskBin: pbx.binary.command,
      dataDir,
      user: "mitschnitt",
      secrets: openSecrets(join(dataDir, "secrets")),
    });
    /** Every file of the configuration, with its rights. */
    const etc = async (): Promise<Record<string, string>> => {
      const facts: Record<string, string> = {};
      for (const name of (await readdir(pbx.etcDir)).sort()) {
        const { mode, uid, gid } = await stat(join(pbx.etcDir, name));
        const hash = createHash("sha256").update(await readFile(join(pbx.etcDir, name)));
        facts[name] = `${hash.digest("hex")} ${mode.toString(8)} ${uid}:${gid}`;
      }
      return facts;
    };

    before(async () => {
      pbx = await startAsterisk({
        binary: await provisionAsterisk(version),
        files: () => ({ "extensions.conf": dialplan, "pjsip.conf": "" }),
      });
    });
    after(() => pbx.stop());

    beforeEach(async () => {
      dataDir = await mkdtemp(join(tmpdir(), "mitschnitt-installer-"));
    });
    afterEach(async () => {
      await uninstall(options());
      await rm(dataDir, { recursive: true, force: true });
    });

    it("lets the module log in, and leaves nothing behind when it goes", async () => {
      const before = await etc();
      const report = await install(options());
      expect(report.warnings).to.deep.equal([]);
      expect(report.pbx).to.deep.equal({ host: "127.0.0.1", port: pbx.amiPort, user: "mitschnitt" });
      await (await logInAsModule()).connection.stop();

      await uninstall(options());
      expect(await etc()).to.deep.equal(before);
      expect(await pbx.cli("manager show users")).not.to.include("mitschnitt");
      expect(await pbx.cli("dialplan show mitschnitt-incoming")).to.include("no existence");
      expect(options().secrets.get(amiSecretName)).to.equal(undefined);
    });

    it("changes nothing the second time, and keeps the secret", async () => {
      const before = await etc();
      await install(options());
      const [installed, secret] = [await etc(), options().secrets.get(amiSecretName)];
      expect((await install(options())).done).to.deep.equal([]);
      expect(await etc()).to.deep.equal(installed);
      expect(options().secrets.get(amiSecretName)).to.equal(secret);
      await uninstall(options());
      expect((await uninstall(options())).done).to.deep.equal([]);
      expect(await etc()).to.deep.equal(before);
    });

    it("leaves what was edited meanwhile", async () => {
      const manager = join(pbx.etcDir, "manager.conf");
      const before = await readFile(manager);
      await install(options());
      await appendFile(manager, "[cti]\nsecret = x\n");
      await uninstall(options());
      expect(await readFile(manager, "utf8")).to.equal(`${before}[cti]\nsecret = x\n`);
      await writeFile(manager, before);
    });

    it("has Asterisk read its dialplan without a word of complaint", async () => {
      const before = (await pbx.log()).length;
      await install(options());
      await pbx.cli("dialplan reload");
      const complaints = (await pbx.log()).slice(before).match(/.*(?:WARNING|ERROR).*/g);
      expect(complaints ?? []).to.deep.equal([]);
    });

    it("lets a call through its contexts", async () => {
      await install(options());
      const watcher = await connectAmi({ ...pbx.amiLogin, events: "user" });
      const returned = watcher.nextEvent("UserEvent", ({ UserEvent }) => UserEvent === "Returned");
      await call("ask");
      await returned;
      watcher.close();
    });

    it("gives the classes that recording needs", async () => {
      await install(options());
      const { connection, events } = await logInAsModule();
      const actions = createAmiActions(connection);
      await call("dial");
      await until("the call is up", () => events.has("BridgeEnter"));
      const channel = (await actions.coreShowChannels()).find(({ bridgeId }) => bridgeId !== "")?.name ?? "";
      const file = join(dataDir, "spool", "open", "0.wav");
      const { mixMonitorId } = await actions.mixMonitor({ channel, file });
      await until("the recording is there", () => existsSync(file));
      await actions.getVar({ channel, variable: "MITSCHNITT_MIXMONITOR" });
      await actions.stopMixMonitor({ channel, mixMonitorId });
      expect((await actions.coreSettings()).asteriskVersion).to.match(new RegExp(`^${version}\\.`));
      await pbx.cli("channel request hangup all");
      await until(`all of ${wanted.join()}, not only ${[...events].join()}`, () =>
        wanted.every((e) => events.has(e)),
      );
      await connection.stop();
    });

    it("refuses what recording does not need", async () => {
      await install(options());
      const ami = await connectAmi({ port: pbx.amiPort, user: "mitschnitt", secret: secret() });
      const refused: [string, Record<string, string>][] = [
        ["Command", { Command: "core show version" }],
        ["Originate", { Channel: "Local/wait@office", Application: "Wait", Data: "1" }],
        ["UpdateConfig", { SrcFilename: "manager.conf", DstFilename: "manager.conf" }],
        ["Redirect", { Channel: "x", Context: "office", Exten: "wait", Priority: "1" }],
        ["Setvar", { Variable: "x", Value: "1" }],
        ["UserEvent", { UserEvent: "Returned" }],
      ];
      for (const [action, fields] of refused)
        expect(await ami.request(action, fields), action).to.include({ Message: "Permission denied" });
      ami.close();
    });

    it("keeps everybody out who comes by IPv6 where AMI listens there too", async () => {
      const manager = join(pbx.etcDir, "manager.conf");
      const before = await readFile(manager, "utf8");
      await writeFile(manager, before.replace("bindaddr = 127.0.0.1", "bindaddr = ::"));
      await install(options());
      expect(await logInBy("127.0.0.1")).to.include("Authentication accepted");
      expect(await logInBy("::1")).to.include("Authentication failed");
      await uninstall(options());
      await writeFile(manager, before);
      await pbx.cli("manager reload");
    });

    it("takes back what it did when Asterisk does not take it", async () => {
      const before = await etc();
      await pbx.cli("module unload pbx_config.so");
      const error = await rejection(install(options()));
      await pbx.cli("module load pbx_config.so");
      expect(error.code).to.equal("not-loaded");
      expect(await etc()).to.deep.equal(before);
      expect(options().secrets.get(amiSecretName)).to.equal(undefined);
      expect(await pbx.cli("manager show users")).not.to.include("mitschnitt");
    });

    it("says that the module is still logged in when it takes out its user", async () => {
      await install(options());
      const { connection } = await logInAsModule();
      const codes = (await uninstall(options())).warnings.map(({ code }) => code);
      expect(codes).to.deep.equal(["user-still-logged-in"]);
      await connection.stop();
    });

    const secret = () => options().secrets.get(amiSecretName) ?? "";

    const call = (exten: string) =>
      pbx.ami.action("Originate", {
        Channel: "Local/wait@office/n",
        Context: "office",
        Exten: exten,
        Priority: 1,
        Async: "true",
      });

    /** As the module does it, with its own client. */
    async function logInAsModule() {
      const connection = createAmiConnection({
        host: "127.0.0.1",
        port: pbx.amiPort,
        user: "mitschnitt",
        secret: secret(),
        wantedEvents: new Set(wanted),
        log: { warn: () => {}, info: () => {} },
      });
      const events = new Set<string>();
      connection.onEvent(({ Event }) => events.add(Event));
      connection.start();
      await until("the login", () => connection.state.state === "connected");
      return { connection, events };
    }

    /** What AMI answers to a login from an address. */
    async function logInBy(host: string): Promise<string> {
      const socket = connect(pbx.amiPort, host);
      let answer = "";
      socket.on("data", (chunk) => {
        answer += chunk;
      });
      socket.write(`Action: Login\r\nUsername: mitschnitt\r\nSecret: ${secret()}\r\n\r\n`);
      await until("the answer", () => answer.includes("Message:"));
      socket.destroy();
      return answer;
    }
  });
