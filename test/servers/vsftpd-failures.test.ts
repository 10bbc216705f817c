import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { transferError } from "../../src/transfer/failures.ts";
import { createFtpTarget, type FtpTargetOptions } from "../../src/transfer/targets/ftp.ts";
import { failureOfSending, makeContext, makeOutgoing, sha256 } from "../support/outgoing.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startVsftpd, type Vsftpd, type VsftpdOptions, whyNoVsftpd } from "../support/vsftpd.ts";

describe("ftp target at a vsftpd that fails", function () {
  this.timeout(30_000);
  const temporary = temporaryFolder();
  const cleanups: (() => void | Promise<void>)[] = [];

  before(function () {
    const reason = whyNoVsftpd();
    if (reason !== undefined) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });

  const start = async (options: VsftpdOptions): Promise<Vsftpd> => {
    const server = await startVsftpd(options);
    cleanups.push(() => server.stop());
    return server;
  };
  const targetAt = (
    server: Vsftpd,
    options: Partial<FtpTargetOptions> & { readonly password?: string } = {},
  ) =>
    createFtpTarget(
      {
        id: "ftp",
        host: "localhost",
        port: server.port,
        user: server.user,
        security: server.certificate === undefined ? "none" : "explicit",
        directory: "",
        ...(server.certificate === undefined ? {} : { trustedCertificates: server.certificate }),
        ...options,
      },
      options.password ?? server.password,
    );
  const failsWith = async (target: ReturnType<typeof targetAt>, code: string): Promise<void> => {
    const error = await failureOfSending(target.send(await makeOutgoing(temporary()), makeContext()));
    expect(error, `${error.code}: ${error.message}`).to.include({ code, permanent: false });
  };

  it("tells a refused login", async () => {
    const server = await start({ security: "none" });
    await failsWith(targetAt(server, { password: "wrong" }), "login-refused");
  });

  describe("by its certificate", () => {
    it("does not trust one that nobody vouches for, and never sends the password", async () => {
      for (const security of ["explicit", "implicit"] as const) {
        const server = await start({ security });
        const { certificate: _, ...withoutTrust } = server;
        const target = targetAt({ ...withoutTrust, certificate: undefined }, { security });
        await failsWith(target, "certificate-untrusted");
        expect(server.log()).not.to.match(/"PASS/);
      }
    });

    it("does not take one that has expired", async () => {
      const server = await start({
        security: "explicit",
        certificate: { names: "DNS:localhost", expired: true },
      });
      await failsWith(targetAt(server), "certificate-expired");
    });

    it("does not take one of another host", async () => {
      const server = await start({ security: "explicit", certificate: { names: "DNS:nas.example" } });
      await failsWith(targetAt(server), "certificate-wrong-name");
    });

    it("never falls back to plain text when the server has no TLS", async () => {
      const server = await start({ security: "none" });
      await failsWith(targetAt(server, { security: "explicit" }), "tls-failed");
      expect(server.log()).not.to.match(/"PASS/);
    });
  });

  it("tells that the account may not write", async () => {
    const server = await start({ security: "none", config: ["write_enable=NO"] });
    await failsWith(targetAt(server), "target-forbidden");
  });

  it("tells that the account may not rename, and takes its temporary file back", async () => {
    const server = await start({ security: "none", config: ["cmds_denied=RNFR"] });
    await failsWith(targetAt(server), "rename-refused");
    expect(await readdir(server.home)).to.deep.equal([]);
  });

  it("tells that no data connection can be had", async () => {
    const server = await start({ security: "none", config: ["pasv_enable=NO"] });
    await failsWith(targetAt(server), "data-connection-failed");
  });

  it("tells that the server has too many clients", async () => {
    const server = await start({ security: "none", config: ["max_clients=1", "anon_max_rate=300000"] });
    const slow = targetAt(server);
    const aborting = new AbortController();
    const begun = new Promise<void>((resolve) => {
      const context = makeContext(1, {
        signal: aborting.signal,
        onProgress: ({ bytes }) => bytes > 0 && resolve(),
      });
      cleanups.push(() => aborting.abort(transferError("interrupted", "the test is over")));
      void makeOutgoing(temporary(), { content: randomBytes(4_000_000) })
        .then((file) => slow.send(file, context))
        .catch(() => undefined);
    });
    await begun;
    await failsWith(targetAt(server), "service-unavailable");
  });

  it("has nothing but its temporary file when the server is killed in the middle", async () => {
    const killed = await start({ security: "explicit", config: ["anon_max_rate=2000000"] });
    const file = await makeOutgoing(temporary(), { content: randomBytes(4_000_000) });
    let dead = false;
    const context = makeContext(1, {
      onProgress({ phase, bytes }) {
        if (phase !== "send" || bytes < 1_000_000 || dead) return;
        dead = true;
        killed.kill();
      },
    });
    const error = await failureOfSending(targetAt(killed).send(file, context));
    expect(error.code).to.be.oneOf(["connection-lost", "tls-failed"]);
    expect(await readdir(killed.home)).to.deep.equal([`mitschnitt-${file.recordingId}-1.part`]);
  });

  it("ends at once when it is aborted while the server does not answer", async () => {
    for (const security of ["none", "explicit", "implicit"] as const) {
      const server = await start({ security });
      server.freeze();
      const aborting = new AbortController();
      setTimeout(() => aborting.abort(transferError("stalled", "no progress")), 50);
      const context = makeContext(1, { signal: aborting.signal });
      const sending = targetAt(server, { security }).send(await makeOutgoing(temporary()), context);
      expect((await failureOfSending(sending)).code).to.equal("stalled");
      server.thaw();
    }
  });

  it("tells a full disk, removes the part, and delivers once there is room", async function () {
    let mounted = "";
    const unmount = (): void => {
      if (mounted !== "") execFileSync("umount", [mounted]);
      mounted = "";
    };
    try {
      const server = await start({
        security: "none",
        prepareHome: async (home) => {
          execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=777", "tmpfs", home]);
          mounted = home;
        },
      });
      cleanups.push(unmount);
      const target = targetAt(server);
      const tooBig = await makeOutgoing(temporary(), { content: randomBytes(3_000_000) });
      const error = await failureOfSending(target.send(tooBig, makeContext()));
      // vsftpd cuts the data connection off before its reply can be read.
      expect(error.code).to.be.oneOf(["target-full", "connection-lost", "server-refused"]);
      expect(error.hint).to.match(/room|disk|log/);
      expect(await readdir(server.home)).to.deep.equal([]);
      const small = await makeOutgoing(temporary());
      await target.send(small, makeContext());
      expect(sha256(await readFile(join(server.home, small.name)))).to.equal(small.sha256);
    } catch (error) {
      if (mounted !== "" || !String(error).includes("mount")) throw error;
      console.log("      skipped: mounting a small disk needs root");
      this.skip();
    }
  });
});
