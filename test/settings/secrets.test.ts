import { statSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { openSecrets, randomSecret } from "../../src/settings/secrets.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describe("secrets", () => {
  const folder = temporaryFolder();

  it("are kept in files that only the owner may read", async () => {
    const path = join(folder(), "secrets");
    const secrets = openSecrets(path);
    await secrets.set("target-nas", "pässword");
    expect(openSecrets(path).get("target-nas")).to.equal("pässword");
    expect(statSync(path).mode & 0o777).to.equal(0o700);
    expect(statSync(join(path, "target-nas")).mode & 0o777).to.equal(0o600);
  });

  it("are gone after their removal, which may be repeated", async () => {
    const secrets = openSecrets(join(folder(), "secrets"));
    await secrets.set("ami", "x");
    await secrets.remove("ami");
    await secrets.remove("ami");
    expect(secrets.get("ami")).to.equal(undefined);
  });

  it("take no name that leads out of their folder", () => {
    const secrets = openSecrets(join(folder(), "secrets"));
    expect(() => secrets.get("../settings")).to.throw(/expected 1–64 of a–z/);
  });

  it("are random, long, and need no quoting in a configuration file", () => {
    expect(randomSecret())
      .to.match(/^[A-Za-z0-9_-]{32}$/)
      .and.not.equal(randomSecret());
  });
});
