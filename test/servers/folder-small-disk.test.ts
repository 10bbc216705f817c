// The disk of a target folder that is full, or read-only: on small disks of their own, which only root can mount.

import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { createFolderTarget } from "../../src/transfer/targets/folder.ts";
import { failureOfSending, makeContext, makeOutgoing, sha256 } from "../support/outgoing.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describe("folder target", () => {
  const temporary = temporaryFolder();

  // Nested, so that the disk is gone before its folder is removed.
  describe("on a small disk", () => {
    const disk = (): string => join(temporary(), "disk");
    let mounted = false;

    beforeEach(function () {
      mkdirSync(disk());
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", disk()], { stdio: "pipe" });
        mounted = true;
      } catch {
        console.log("      skipped: mounting a small disk needs root");
        this.skip();
      }
    });
    afterEach(() => {
      if (mounted) execFileSync("umount", [disk()]);
      mounted = false;
    });
    const target = () => createFolderTarget({ id: "nas", path: disk() });

    it("tells that it is full, takes its part back, and delivers once there is room", async () => {
      await writeFile(join(disk(), "others.bin"), randomBytes(700_000));
      const file = await makeOutgoing(temporary(), { content: randomBytes(600_000) });
      const error = await failureOfSending(target().send(file, makeContext(1)));
      expect(error).to.include({ code: "target-full", permanent: false });
      expect(await readdir(disk())).to.deep.equal(["others.bin"]);
      await rm(join(disk(), "others.bin"));
      await target().send(file, makeContext(2));
      expect(sha256(await readFile(join(disk(), file.name)))).to.equal(file.sha256);
    });

    it("tells that it is read-only", async () => {
      execFileSync("mount", ["-o", "remount,ro", disk()]);
      const error = await failureOfSending(target().send(await makeOutgoing(temporary()), makeContext()));
      expect(error).to.include({ code: "target-read-only", permanent: false });
    });

    it("does not fill the empty folder below the mount point when the disk is gone", async () => {
      const below = join(disk(), "recordings");
      mkdirSync(below);
      const onShare = createFolderTarget({ id: "nas", path: below });
      await onShare.send(await makeOutgoing(temporary()), makeContext());
      execFileSync("umount", [disk()]);
      mounted = false;
      const error = await failureOfSending(onShare.send(await makeOutgoing(temporary()), makeContext()));
      expect(error.code).to.equal("target-missing");
      expect(await readdir(disk())).to.deep.equal([]);
    });
  });
});
