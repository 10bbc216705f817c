import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { deliverInSpiteOfCrashes } from "../support/crashing-delivery.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describe("delivery into a folder by a process that is killed again and again", function () {
  this.timeout(60_000);
  const temporary = temporaryFolder();

  it("has every file there once, whole, with no temporary file left, and the journal knows it", async () => {
    const folder = join(temporary(), "target");
    await mkdir(folder);
    await deliverInSpiteOfCrashes({
      target: {
        id: "nas",
        name: "NAS",
        enabled: true,
        schedule: { kind: "at-once" },
        kind: "folder",
        path: folder,
      },
      password: "",
      files: 30,
      kills: 6,
      longestLifeMs: 60,
      async contents() {
        const names = await readdir(folder);
        return new Map(
          await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)),
        );
      },
    });
  });
});
