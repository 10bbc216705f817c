import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { deliverInSpiteOfCrashes } from "../support/crashing-delivery.ts";
import { startVsftpd, type Vsftpd, whyNoVsftpd } from "../support/vsftpd.ts";

describe("delivery to a vsftpd by a process that is killed again and again", function () {
  this.timeout(60_000);
  let server: Vsftpd | undefined;

  before(async function () {
    const reason = whyNoVsftpd();
    if (reason !== undefined) {
      console.log(`      skipped: ${reason}`);
      this.skip();
    }
    server = await startVsftpd({ security: "none" });
  });
  after(() => server?.stop());

  it("has every file there once, whole, with no temporary file left, and the journal knows it", async () => {
    if (server === undefined) throw new Error("expected a server");
    const { home, port, user, password } = server;
    await deliverInSpiteOfCrashes({
      target: {
        ...{ id: "ftp", name: "FTP", enabled: true, schedule: { kind: "at-once" }, kind: "ftp" },
        ...{ host: "127.0.0.1", port, user, security: "none", directory: "" },
      },
      password,
      files: 30,
      kills: 6,
      longestLifeMs: 150,
      async contents() {
        const names = await readdir(home);
        return new Map(
          await Promise.all(names.map(async (name) => [name, await readFile(join(home, name))] as const)),
        );
      },
    });
  });
});
