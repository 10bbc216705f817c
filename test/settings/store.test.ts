import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { SettingsError } from "../../src/core/errors.ts";
import { defaultSettings, type Settings } from "../../src/settings/schema.ts";
import { openSettings, type SettingsHistory } from "../../src/settings/store.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const now = (): Date => new Date("2026-11-02T10:00:00Z");

/** Keeps what the journal would. */
function memoryHistory(): SettingsHistory & { readonly versions: Settings[] } {
  const versions: Settings[] = [];
  return {
    versions,
    latest: async () => versions.at(-1),
    add: async (settings) => {
      versions.push(settings);
    },
  };
}

describe("settings store", () => {
  const folder = temporaryFolder();
  const file = (): string => join(folder(), "settings.json");

  it("starts with defaults under which nothing is recorded", async () => {
    const store = await openSettings(file(), memoryHistory(), now);
    expect(store.current().rules).to.deep.equal([]);
    expect(JSON.parse(readFileSync(file(), "utf8"))).to.deep.equal(defaultSettings());
  });

  it("writes, remembers and tells what was saved", async () => {
    const history = memoryHistory();
    const store = await openSettings(file(), history, now);
    const told: string[] = [];
    store.onChange((settings) => told.push(settings.language));
    await store.save({ ...defaultSettings(), language: "en" }, "admin");
    expect(told).to.deep.equal(["en"]);
    expect(history.versions.at(-1)?.language).to.equal("en");
    expect((await openSettings(file(), history, now)).current().language).to.equal("en");
  });

  it("names every bad field at once, with its value and what was expected", async () => {
    const store = await openSettings(file(), memoryHistory(), now);
    const bad = { ...defaultSettings(), language: "fr", pbx: { port: 70000, host: "a b", colour: 1 } };
    const error = await store.save(bad, "admin").catch((e: unknown) => e);
    expect(error).to.be.instanceOf(SettingsError);
    const fields = Object.fromEntries((error as SettingsError).fields.map((f) => [f.path, f.message]));
    expect(fields).to.deep.equal({
      language: 'expected one of de, en, got "fr"',
      "pbx.host": 'expected a host name or an IP address, got "a b"',
      "pbx.port": "expected 1–65535, got 70000",
      pbx: 'expected no other keys than the known ones, got "colour"',
    });
    expect(store.current()).to.deep.equal(defaultSettings());
  });

  for (const [what, text] of [
    ["broken JSON", "{ not json"],
    ["an empty file", ""],
    ["a bad field", '{"language":"fr"}'],
  ] as const) {
    it(`goes on with the last good settings over ${what}, and leaves the file alone`, async () => {
      const history = memoryHistory();
      const store = await openSettings(file(), history, now);
      await store.save({ ...defaultSettings(), language: "en" }, "admin");
      writeFileSync(file(), text);
      const reopened = await openSettings(file(), history, now);
      expect(reopened.current().language).to.equal("en");
      expect(reopened.problem()?.hint).to.contain("settings page");
      expect(readFileSync(file(), "utf8")).to.equal(text);
    });
  }

  it("keeps what a hand had typed beside the file when the page replaces it", async () => {
    const history = memoryHistory();
    await openSettings(file(), history, now);
    writeFileSync(file(), "{ my edit");
    const store = await openSettings(file(), history, now);
    await store.save(defaultSettings(), "admin");
    const kept = readdirSync(folder()).find((name) => name.includes(".broken-"));
    expect(readFileSync(join(folder(), kept ?? ""), "utf8")).to.equal("{ my edit");
    expect(store.problem()).to.equal(undefined);
  });

  it("takes over an edit by hand when it is asked to read again, and refuses a broken one", async () => {
    const store = await openSettings(file(), memoryHistory(), now);
    writeFileSync(file(), '{"language":"en"}');
    await store.reload();
    expect(store.current().language).to.equal("en");
    writeFileSync(file(), "{");
    await store.reload();
    expect(store.current().language).to.equal("en");
    expect(store.problem()?.code).to.equal("settings-unreadable");
  });
});
