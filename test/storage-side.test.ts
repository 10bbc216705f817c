import { rmSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import type { CleanupReport, CleanupRequest } from "../src/core/cleanup.ts";
import { createConditions } from "../src/core/conditions.ts";
import { PbxError } from "../src/core/errors.ts";
import { defaultSettings, type Settings } from "../src/settings/schema.ts";
import { openSpool } from "../src/spool/spool.ts";
import { createStorageSide } from "../src/storage-side.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

describe("storage side", () => {
  const folder = temporaryFolder();

  const open = async (schedule?: Settings["storage"]["cleanup"]["schedule"]) => {
    const spool = await openSpool(folder());
    const conditions = createConditions();
    const clock = { now: new Date("2026-11-20T12:00:00Z") };
    const cleanups: CleanupRequest[] = [];
    const pbx: { error: Error | undefined } = { error: undefined };
    const logged: string[] = [];
    let tick = async (): Promise<void> => undefined;
    const settings = defaultSettings();
    if (schedule !== undefined) settings.storage.cleanup.schedule = schedule;
    const note = (_fields: object, message: string): void => void logged.push(message);
    const side = createStorageSide({
      spool,
      recording: {
        async cleanup(request): Promise<CleanupReport> {
          cleanups.push(request);
          if (pbx.error !== undefined) throw pbx.error;
          return { ...request, recordings: [], left: 0 };
        },
      },
      settings: () => settings,
      conditions,
      log: { info: note, warn: note },
      now: () => clock.now,
      ticks: (each) => {
        tick = each;
        return () => undefined;
      },
    });
    await side.space();
    return {
      spool,
      side,
      conditions,
      cleanups,
      pbx,
      logged,
      at: async (time: string) => {
        clock.now = new Date(time);
        await tick();
      },
    };
  };

  it("says what is in use without a look at the folders, from the first comparison on", async () => {
    const { spool, side } = await open();
    writeFileSync(spool.transferPath("behind-the-back.wav"), Buffer.alloc(1000));
    const { openBytes, transferBytes, freeBytes } = await side.space();
    expect([openBytes, transferBytes, freeBytes > 0]).to.deep.equal([0, 0, true]);
  });

  it("compares with the disk at night, on the wall clock of the settings' time zone", async () => {
    const { spool, side, at } = await open();
    writeFileSync(spool.transferPath("a.wav"), Buffer.alloc(1000));
    await at("2026-11-21T02:29:00Z");
    expect((await side.space()).transferBytes).to.equal(0);
    await at("2026-11-21T02:30:00Z");
    expect((await side.space()).transferBytes).to.equal(1000);
  });

  it("compares again after an hour where it found much, so that its condition does not stay all day", async () => {
    const { spool, conditions, at } = await open();
    const codes = (): readonly string[] => conditions.list().map(({ code }) => code);
    writeFileSync(spool.transferPath("a.wav"), Buffer.alloc(101 * 1024 * 1024));
    await at("2026-11-21T02:30:00Z");
    expect(codes()).to.deep.equal(["spool-changed-behind"]);
    await at("2026-11-21T03:00:00Z");
    expect(codes()).to.deep.equal(["spool-changed-behind"]);
    await at("2026-11-21T03:30:00Z");
    expect(codes()).to.deep.equal([]);
  });

  it("cleans up every hour unless told otherwise, and not at once", async () => {
    const { cleanups, at } = await open();
    await at("2026-11-20T12:01:00Z");
    expect(cleanups).to.deep.equal([]);
    await at("2026-11-20T13:00:00Z");
    await at("2026-11-20T13:01:00Z");
    expect(cleanups).to.deep.equal([{ force: false, dryRun: false }]);
    await at("2026-11-20T14:00:00Z");
    expect(cleanups).to.have.length(2);
  });

  it("cleans up once a day, or never, where the settings say so", async () => {
    const daily = await open({ kind: "daily", time: "04:00" });
    await daily.at("2026-11-20T23:00:00Z");
    expect(daily.cleanups).to.have.length(0);
    await daily.at("2026-11-21T03:00:00Z");
    await daily.at("2026-11-21T04:00:00Z");
    expect(daily.cleanups).to.have.length(1);
    const off = await open({ kind: "off" });
    await off.at("2026-11-25T03:00:00Z");
    expect(off.cleanups).to.have.length(0);
  });

  it("says in the log when the PBX could not be asked, and tries again at the next time", async () => {
    const { pbx, cleanups, logged, at } = await open();
    pbx.error = new PbxError("not connected", { code: "pbx-not-connected", hint: "" });
    await at("2026-11-20T13:00:00Z");
    expect(logged).to.deep.equal(["no cleanup now, it is tried again at its next time"]);
    await at("2026-11-20T14:00:00Z");
    expect(cleanups).to.have.length(2);
  });

  it("goes on where the folders cannot be read for once", async () => {
    const { spool, logged, at, side } = await open();
    rmSync(spool.transferFolder, { recursive: true });
    await at("2026-11-21T02:30:00Z");
    expect(logged).to.include("the spool could not be measured");
    expect((await side.space()).transferBytes).to.equal(0);
  });
});
