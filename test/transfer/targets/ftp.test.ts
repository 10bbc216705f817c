import { randomBytes } from "node:crypto";
import { expect } from "chai";
import { failureOf, transferError } from "../../../src/transfer/failures.ts";
import { createFtpTarget, type FtpTargetOptions } from "../../../src/transfer/targets/ftp.ts";
import { failureOfSending, makeContext, makeOutgoing } from "../../support/outgoing.ts";
import {
  type Script,
  type ScriptedFtpServer,
  startScriptedFtpServer,
} from "../../support/scripted-ftp-server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

describe("ftp target", () => {
  const temporary = temporaryFolder();
  let server: ScriptedFtpServer;
  beforeEach(async () => {
    server = await startScriptedFtpServer();
  });
  afterEach(() => server.stop());

  const target = (options: Partial<FtpTargetOptions> = {}, password: string | undefined = "secret") =>
    createFtpTarget(
      {
        id: "ftp",
        host: "127.0.0.1",
        port: server.port,
        user: "anna",
        security: "none",
        directory: "",
        ...options,
      },
      password,
      { timeouts: { replyMs: 1000, dataConnectionMs: 500 } },
    );
  const partOf = (file: { recordingId: string }, attempt = 1): string =>
    `mitschnitt-${file.recordingId}-${attempt}.part`;

  const failsWith = async (script: Script): Promise<string> => {
    server.script = script;
    const file = await makeOutgoing(temporary());
    const error = await failureOfSending(target().send(file, makeContext()));
    expect(server.files.has(file.name)).to.equal(false);
    return error.code;
  };

  describe("words the server's replies", () => {
    const cases: readonly [string, string, string][] = [
      ["CONNECT", "421 too many connections", "service-unavailable"],
      ["CONNECT", "120 in ten minutes", "service-unavailable"],
      ["USER", "530 not you", "login-refused"],
      ["PASS", "530 wrong", "login-refused"],
      ["PASS", "421 shutting down", "service-unavailable"],
      ["STOR", "425 no data connection", "data-connection-failed"],
      ["STOR", "450 busy", "file-busy"],
      ["STOR", "452 full", "target-full"],
      ["STOR", "552 quota", "target-full"],
      ["STOR", "550 denied", "target-forbidden"],
      ["STOR", "553 not this name", "target-forbidden"],
      ["STOR", "500 never heard of it", "server-refused"],
      ["STOR-END", "452 full in the end", "target-full"],
      ["RNFR", "450 busy", "file-busy"],
      ["RNTO", "553 not this name", "rename-refused"],
    ];
    for (const [command, reply, code] of cases)
      it(`${command} → ${reply}: ${code}`, async () => {
        expect(await failsWith({ replies: { [command]: reply } })).to.equal(code);
      });
  });

  it("holds no file and puts nothing on hold for what is the server's fault", async () => {
    for (const reply of ["452 full", "552 quota", "550 denied"]) {
      server.script = { replies: { STOR: reply } };
      const error = await failureOfSending(target().send(await makeOutgoing(temporary()), makeContext()));
      expect(failureOf(error)).to.include({ concerns: "target", permanent: false });
    }
  });

  it("does not believe a 226 when bytes are missing, and takes the rest back", async () => {
    expect(await failsWith({ keepsBytes: 50_000 })).to.equal("verification-failed");
    expect([...server.files.keys()]).to.deep.equal([]);
  });

  it("takes an upload for complete when all is there although the connection broke before the 226", async () => {
    const file = await makeOutgoing(temporary());
    server.script = { hangsUpAfter: "STOR-END" };
    const { remoteName } = await target().send(file, makeContext());
    expect(server.files.get(remoteName)?.equals(file.content)).to.equal(true);
    expect(server.files.size).to.equal(1);
  });

  it("believes the size, not a 426 at the end", async () => {
    const file = await makeOutgoing(temporary());
    server.script = { replies: { "STOR-END": "426 cut off" } };
    await target().send(file, makeContext());
    expect([...server.files.keys()]).to.deep.equal([file.name]);
  });

  it("gives up what broke off in the middle, and removes it with a new login", async () => {
    expect(await failsWith({ hangsUpAfterBytes: 20_000 })).to.equal("connection-lost");
    expect([...server.files.keys()]).to.deep.equal([]);
  });

  it("finds its delivery at the next attempt when the reply to the rename was lost", async () => {
    const file = await makeOutgoing(temporary());
    server.script = { hangsUpAfter: "RNTO" };
    expect((await failureOfSending(target().send(file, makeContext(1)))).code).to.equal("connection-lost");
    server.script = {};
    const delivery = await target().send(file, makeContext(2));
    expect(delivery).to.deep.equal({ remoteName: file.name, verifiedBy: "hash" });
    expect([...server.files.keys()]).to.deep.equal([file.name]);
  });

  it("tells a data connection that is refused, or swallowed, from a server that is down", async () => {
    expect(await failsWith({ deadDataPort: true })).to.equal("data-connection-failed");
    await server.stop();
    const error = await failureOfSending(target().send(await makeOutgoing(temporary()), makeContext()));
    expect(error.code).to.equal("connection-refused");
    server = await startScriptedFtpServer();
  });

  it("does not wait for ever for a server that falls silent", async () => {
    for (const command of ["CONNECT", "PASS", "EPSV", "STOR-END"]) {
      const code = await failsWith({ replies: { [command]: undefined } }).catch(
        (error: Error) => error.message,
      );
      expect(code, command).to.match(/connection-lost|data-connection-failed|delivered/);
    }
  });

  it("ends at once when it is aborted at any step", async () => {
    for (const command of ["CONNECT", "PASS", "SIZE", "EPSV", "RNTO"]) {
      server.script = { replies: { [command]: undefined } };
      const aborting = new AbortController();
      const sending = target().send(
        await makeOutgoing(temporary(), { content: randomBytes(10) }),
        makeContext(1, { signal: aborting.signal }),
      );
      setTimeout(() => aborting.abort(transferError("stalled", "no progress")), 30);
      expect((await failureOfSending(sending)).code, command).to.equal("stalled");
    }
  });

  it("tells an unknown host", async () => {
    const file = await makeOutgoing(temporary());
    const error = await failureOfSending(target({ host: "nas.invalid" }).send(file, makeContext()));
    expect(error.code).to.equal("host-unknown");
  });

  it("does not knock without a password", async () => {
    const withoutPassword = createFtpTarget(
      { id: "ftp", host: "127.0.0.1", port: server.port, user: "anna", security: "none", directory: "" },
      undefined,
    );
    const error = await failureOfSending(
      withoutPassword.send(await makeOutgoing(temporary()), makeContext()),
    );
    expect(error.code).to.equal("password-missing");
    expect(server.commands).to.deep.equal([]);
  });

  it("asks for a new login in no case but after a break: one client for each attempt", async () => {
    await target().send(await makeOutgoing(temporary()), makeContext());
    expect(server.commands.filter((line) => line.startsWith("USER"))).to.have.lengthOf(1);
  });

  it("removes what earlier attempts left", async () => {
    const file = await makeOutgoing(temporary());
    server.files.set(partOf(file, 2), Buffer.from("half"));
    await target().send(file, makeContext(3));
    expect([...server.files.keys()]).to.deep.equal([file.name]);
  });

  it("never puts the password into an error", async () => {
    server.script = { replies: { PASS: "530 no" } };
    const error = await failureOfSending(
      target({}, "my-secret").send(await makeOutgoing(temporary()), makeContext()),
    );
    expect(JSON.stringify([error.message, error.hint, String(error.cause)])).not.to.match(/my-secret/);
  });
});
