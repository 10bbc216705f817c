import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { fileClosed } from "../../src/recording/open-file.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { wavBytes } from "../support/wav.ts";

describe("a file between two parts of a recording", () => {
  const folder = temporaryFolder();

  it("is waited for until Asterisk has closed it", async () => {
    const path = join(folder(), "a.wav");
    writeFileSync(path, wavBytes({ durationMs: 1000, closed: false }));
    let isClosed = false;
    const waiting = fileClosed(path).then((audioMs) => {
      isClosed = true;
      return audioMs;
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isClosed).to.equal(false);
    writeFileSync(path, wavBytes({ durationMs: 1000 }));
    expect(await waiting).to.equal(1000);
  });

  it("is not waited for where there is none", async () => {
    const path = join(folder(), "none.wav");
    expect(await fileClosed(path)).to.equal(0);
  });
});
