import { appendFileSync, readdirSync, statSync, unlinkSync, writeFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import fc from "fast-check";
import { createDiskUsage, type DiskUsage } from "../../src/spool/disk-usage.ts";
import { openSpool, type Spool } from "../../src/spool/spool.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const idOf = (number: number): string => number.toString(16).padStart(32, "0");

describe("disk usage", () => {
  const folder = temporaryFolder();
  let spool: Spool;
  beforeEach(async () => {
    spool = await openSpool(folder());
  });

  const sums = () => {
    const { openBytes, transferBytes } = spool.usage.sums();
    return [openBytes, transferBytes];
  };
  const onDisk = () =>
    [spool.openFolder, spool.transferFolder].map((path) =>
      readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0),
    );
  const write = (number: number, bytes: number): void =>
    writeFileSync(spool.openPath(idOf(number)), Buffer.alloc(bytes));
  const look = (number: number) => spool.sizeOf(spool.openPath(idOf(number)));
  const deviation = async (usage: DiskUsage = spool.usage) => {
    const { openBytes, transferBytes } = await usage.compare();
    return [openBytes, transferBytes];
  };

  it("takes what is there at the start from the disk, and calls it no deviation", async () => {
    write(1, 1000);
    write(2, 0);
    writeFileSync(spool.transferPath("a.wav"), Buffer.alloc(300));
    expect(await deviation()).to.deep.equal([0, 0]);
    expect(sums()).to.deep.equal([1000, 300]);
  });

  it("follows a recording that grows, is finished, or is removed, without a look at the folders", async () => {
    await deviation();
    write(1, 1000);
    await look(1);
    expect(sums()).to.deep.equal([1000, 0]);
    appendFileSync(spool.openPath(idOf(1)), Buffer.alloc(500));
    await look(1);
    expect(sums()).to.deep.equal([1500, 0]);
    appendFileSync(spool.openPath(idOf(1)), Buffer.alloc(7));
    await spool.moveToTransfer(idOf(1), "a.wav");
    expect(sums()).to.deep.equal([0, 1507]);
    await spool.moveToTransfer(idOf(1), "a.wav");
    expect(sums()).to.deep.equal([0, 1507]);
    write(2, 44);
    await look(2);
    await spool.removeOpen(idOf(2));
    expect(sums()).to.deep.equal([0, 1507]);
    expect(await deviation()).to.deep.equal([0, 0]);
  });

  it("forgets a recording in progress whose file is gone as soon as somebody looks", async () => {
    write(1, 1000);
    await look(1);
    unlinkSync(spool.openPath(idOf(1)));
    expect(await look(1)).to.equal(undefined);
    expect(sums()).to.deep.equal([0, 0]);
  });

  it("counts nothing that a refused move left where it was", async () => {
    await deviation();
    write(1, 1000);
    await look(1);
    const refused = spool.usage.moving({
      openName: `${idOf(1)}.wav`,
      fileName: "a.wav",
      sizeBytes: 1000,
      rename: () => rename(spool.openPath(idOf(1)), join(folder(), "nowhere", "a.wav")),
    });
    expect(await refused.catch((error: NodeJS.ErrnoException) => error.code)).to.equal("ENOENT");
    expect(sums()).to.deep.equal([1000, 0]);
  });

  it("finds what was taken away or put there by hand, says how much, and is right afterwards", async () => {
    write(1, 1000);
    writeFileSync(spool.transferPath("a.wav"), Buffer.alloc(300));
    await deviation();
    unlinkSync(spool.openPath(idOf(1)));
    unlinkSync(spool.transferPath("a.wav"));
    writeFileSync(join(spool.openFolder, "stray.wav"), Buffer.alloc(10));
    writeFileSync(spool.transferPath("b.wav"), Buffer.alloc(20));
    expect(await deviation()).to.deep.equal([-990, -280]);
    expect(sums()).to.deep.equal([10, 20]);
    expect(await deviation()).to.deep.equal([0, 0]);
  });

  it("does not take a recording that grew since the last look for a deviation", async () => {
    write(1, 1000);
    await look(1);
    await deviation();
    appendFileSync(spool.openPath(idOf(1)), Buffer.alloc(32_768));
    expect(await deviation()).to.deep.equal([0, 0]);
    expect(sums()).to.deep.equal([33_768, 0]);
  });

  it("keeps a comparison right while a rename is under way that nobody has seen the end of", async () => {
    await deviation();
    write(1, 1000);
    await look(1);
    let end = (): void => undefined;
    const isSeen = new Promise<void>((resolve) => {
      end = resolve;
    });
    const move = spool.usage.moving({
      openName: `${idOf(1)}.wav`,
      fileName: "a.wav",
      sizeBytes: 1000,
      rename: async () => {
        await rename(spool.openPath(idOf(1)), spool.transferPath("a.wav"));
        await isSeen;
      },
    });
    expect(await deviation()).to.deep.equal([0, 0]);
    end();
    await move;
    expect(sums()).to.deep.equal([0, 1000]);
  });

  it("does not count again what left while it was looked at, by one look or by a whole comparison", async () => {
    write(1, 1000);
    const name = `${idOf(1)}.wav`;
    for (const looking of [() => look(1), () => spool.usage.compare()]) {
      const looked = looking();
      // The look has it in hand already, and will find it.
      spool.usage.removedOpen(name);
      await looked;
      expect(sums()).to.deep.equal([0, 0]);
    }
  });

  it("agrees with the disk after anything that the spool does, also in the middle of a comparison", async () => {
    const step = fc.record({
      does: fc.constantFrom("write", "finish", "remove", "look", "compare"),
      recording: fc.integer({ min: 1, max: 6 }),
      bytes: fc.integer({ min: 0, max: 5000 }),
    });
    let names = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const running: Promise<unknown>[] = [];
        for (const { does, recording, bytes } of steps) {
          if (does === "write") write(recording, bytes);
          if (does === "look") running.push(look(recording));
          if (does === "compare") running.push(spool.usage.compare());
          if (does === "remove") await spool.removeOpen(idOf(recording));
          if (does === "finish") {
            names += 1;
            await spool.moveToTransfer(idOf(recording), `${names}.wav`).catch(() => undefined);
          }
        }
        await Promise.all(running);
        for (let recording = 1; recording <= 6; recording += 1) await look(recording);
        expect(sums()).to.deep.equal(onDisk());
        expect(await deviation()).to.deep.equal([0, 0]);
      }),
      { numRuns: 40 },
    );
  });

  it("answers from what it knows: not one file is looked at, however many there are", () => {
    const usage = createDiskUsage({ openFolder: "/nowhere", transferFolder: "/nowhere" });
    for (let number = 0; number < 100_000; number += 1) usage.sawOpen(`${number}.wav`, 10);
    expect(usage.sums()).to.deep.equal({ openBytes: 1_000_000, transferBytes: 0 });
  });
});
