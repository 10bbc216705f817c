import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect } from "chai";
import { lockDataFolder } from "../../src/journal/data-lock.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describe("lock of the data folder", () => {
  const folder = temporaryFolder();
  const file = (): string => join(folder(), "lock.db");

  it("lets one in at a time", () => {
    const lock = lockDataFolder(file());
    expect(() => lockDataFolder(file())).to.throw(/is running on this data folder already/);
    lock.release();
    lockDataFolder(file()).release();
  });

  it("is free again when its process was killed", async () => {
    const source = resolve(import.meta.dirname, "../../src/journal/data-lock.ts");
    const script = `import(${JSON.stringify(source)}).then((m) => { m.lockDataFolder(${JSON.stringify(file())}); console.log("held"); setInterval(() => {}, 1000); })`;
    const child = spawn(process.execPath, ["--import", "tsx", "-e", script], {
      cwd: resolve(import.meta.dirname, "../.."),
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    expect(() => lockDataFolder(file())).to.throw(/already/);
    child.kill("SIGKILL");
    await once(child, "exit");
    lockDataFolder(file()).release();
  });

  it("does not take a folder that cannot be used for one that is in use", () => {
    writeFileSync(join(folder(), "garbage.db"), "this is no database, and never was one".repeat(20));
    for (const file of ["missing/lock.db", "garbage.db"])
      expect(() => lockDataFolder(join(folder(), file)), file).to.throw(/cannot be locked/);
  });
});
