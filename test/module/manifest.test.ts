import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { amiReadClasses, amiWriteClasses } from "../../src/module/ami-user.ts";
import { packageFile, readManifest } from "../../src/module/manifest.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { rejection } from "./rejection.ts";

describe("module.json", () => {
  const folder = temporaryFolder();
  const path = (...parts: string[]) => join(folder(), ...parts);
  const packageJson = async (): Promise<Record<string, unknown>> =>
    JSON.parse(await readFile(packageFile("package.json"), "utf8"));

  it("says the same of version, licence, Node and entry as package.json", async () => {
    const { version, licence, compatibility, runtime } = await readManifest();
    const { version: v, license, engines, bin } = await packageJson();
    expect([version, licence, { node: compatibility.node }, { mitschnitt: runtime.entry }]).to.deep.equal([
      v,
      license,
      engines,
      bin,
    ]);
  });

  it("names the contexts that the dialplan has, each of which returns", async () => {
    const { dialplan } = await readManifest();
    const text = await readFile(packageFile(dialplan.file), "utf8");
    const found = [...text.matchAll(/^\[(.+)\]\nexten => s,1,Return\(\)$/gm)].map((match) => match[1]);
    expect(found).to.have.members(dialplan.contexts);
    expect(text.match(/^\[/gm)).to.have.length(dialplan.contexts.length);
  });

  it("names the AMI classes that the installer gives", async () => {
    const { ami } = await readManifest();
    expect(ami).to.deep.equal({ user: "mitschnitt", read: [...amiReadClasses], write: [...amiWriteClasses] });
  });

  it("is refused with every fault named when it was changed", async () => {
    const manifest = {
      ...(await readManifest()),
      version: "new",
      runtime: { entry: "../x", arguments: [], health: "/" },
    };
    await writeFile(path("module.json"), JSON.stringify(manifest));
    const error = await rejection(readManifest(path("module.json")));
    expect(error.code).to.equal("manifest-invalid");
    expect(error.message).to.include("version").and.include("entry");
  });
});
