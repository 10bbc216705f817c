import { expect } from "chai";
import { type Settings, settingsSchema } from "../../src/settings/schema.ts";
import { createTargets, type TargetSettings } from "../../src/transfer/create-targets.ts";

const schedule = { kind: "at-once" } as const;
const nas = { id: "nas", name: "NAS", enabled: true, schedule, kind: "folder", path: "/srv/nas" } as const;
const ftp = {
  id: "ftp",
  name: "FTP",
  enabled: true,
  schedule,
  kind: "ftp",
  host: "nas",
  user: "anna",
} as const;

const parse = (...targets: object[]): Settings["targets"] => settingsSchema.parse({ targets }).targets;

describe("targets from settings", () => {
  let settings: readonly TargetSettings[];
  let passwords: Record<string, string>;
  const targets = createTargets({ settings: () => settings, secrets: (name) => passwords[name] });
  const made = (id: string) => targets().find((each) => each.id === id)?.target;
  beforeEach(() => {
    settings = parse(nas, ftp);
    passwords = { "target-ftp": "secret" };
  });

  it("are made as the settings say", () => {
    expect(targets().map(({ id, name, target }) => [id, name, target.kind])).to.deep.equal([
      ["nas", "NAS", "folder"],
      ["ftp", "FTP", "ftp"],
    ]);
  });

  it("stay the same while their settings do, a new name or schedule included", () => {
    const before = made("nas");
    settings = parse({ ...nas, name: "Storage", schedule: { kind: "interval", minutes: 5 } }, ftp);
    expect(made("nas")).to.equal(before);
    expect(targets()[0]).to.deep.include({ name: "Storage", schedule: { kind: "interval", minutes: 5 } });
  });

  it("are made anew when their settings or their password have changed", () => {
    const [folder, server] = [made("nas"), made("ftp")];
    settings = parse({ ...nas, path: "/srv/other" }, ftp);
    expect(made("nas")).not.to.equal(folder);
    expect(made("ftp")).to.equal(server);
    passwords = { "target-ftp": "another" };
    expect(made("ftp")).not.to.equal(server);
  });
});
