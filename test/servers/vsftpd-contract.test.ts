import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { createFtpTarget } from "../../src/transfer/targets/ftp.ts";
import { makeContext, makeOutgoing, sha256 } from "../support/outgoing.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type FtpSecurity, startVsftpd, type Vsftpd, whyNoVsftpd } from "../support/vsftpd.ts";
import { behavesLikeATarget } from "../transfer/target-contract.ts";

const protections: Record<FtpSecurity, string> = {
  none: "without TLS",
  explicit: "with explicit TLS",
  implicit: "with implicit TLS",
};

for (const [security, words] of Object.entries(protections) as [FtpSecurity, string][]) {
  describe(`ftp target at a vsftpd ${words}`, function () {
    this.timeout(30_000);
    const temporary = temporaryFolder();
    let server: Vsftpd;

    before(function () {
      const reason = whyNoVsftpd();
      if (reason !== undefined) {
        console.log(`      skipped: ${reason}`);
        this.skip();
      }
    });
    beforeEach(async () => {
      server = await startVsftpd({ security });
    });
    afterEach(() => server.stop());

    const targetIn = (directory: string) =>
      createFtpTarget(
        {
          id: "ftp",
          host: "localhost",
          port: server.port,
          user: server.user,
          security,
          directory,
          ...(server.certificate === undefined ? {} : { trustedCertificates: server.certificate }),
        },
        server.password,
      );

    behavesLikeATarget(() => ({
      target: targetIn(""),
      list: () => readdir(server.home),
      read: (name) => readFile(join(server.home, name)),
      put: (name, content) => writeFile(join(server.home, name), content),
    }));

    it("makes the folders of its settings and delivers into them", async () => {
      const file = await makeOutgoing(temporary());
      await targetIn("Büro 1/2026").send(file, makeContext());
      expect(sha256(await readFile(join(server.home, "Büro 1", "2026", file.name)))).to.equal(file.sha256);
    });
  });
}
