import { execFile } from "node:child_process";
import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";
import { asAccount } from "../lab/account.ts";
import { refuseRootOnForeignData } from "../src/data-account.ts";
import { rejection } from "./module/rejection.ts";
import { canRunAs } from "./support/can-run-as.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

const run = promisify(execFile);
const root = resolve(import.meta.dirname, "..");
// An account that no machine has; only root may give folders to it.
const service = 64001;

describe("data account", () => {
  const folder = temporaryFolder();
  const data = () => join(folder(), "data");

  beforeEach(async function () {
    if (process.getuid?.() !== 0) this.skip();
    await mkdir(data());
    await chown(data(), service, service);
  });

  it("keeps root from running the module on another account's folder", async () => {
    const error = await rejection(refuseRootOnForeignData(data(), 0));
    expect(error.code).to.equal("wrong-account");
    expect(error.hint).to.include(`id -nu ${service}`);
  });

  it("lets root use its own folder and one that is not there yet, and an account the one it owns", async () => {
    await refuseRootOnForeignData(folder(), 0);
    await refuseRootOnForeignData(join(folder(), "missing"), 0);
    await refuseRootOnForeignData(data(), service);
  });

  it("is what a command names that meets a file of another account", async function () {
    this.timeout(20_000);
    const other = { uid: 64_002, gid: 64_002 };
    if (!canRunAs(other)) return this.skip();
    await chmod(folder(), 0o755);
    await writeFile(join(data(), "run.json"), "{}", { mode: 0o600 });
    const command = [process.execPath, "--import", "tsx", join(root, "src/cli.ts"), "status"];
    const { stderr } = await run("env", [...asAccount(other), ...command], {
      cwd: root,
      env: { ...process.env, MITSCHNITT_DATA: data() },
    }).catch((error: { stderr: string }) => error);
    expect(stderr).to.match(
      /run\.json: this account may not read or change it \(EACCES\)\n.*account that owns/,
    );
  });
});
