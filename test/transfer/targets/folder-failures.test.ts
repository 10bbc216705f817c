import { expect } from "chai";
import { failureOf, transferError } from "../../../src/transfer/failures.ts";
import { folderFailure } from "../../../src/transfer/targets/folder-failures.ts";

const systemError = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { code });

describe("failures of a folder", () => {
  const cases = {
    ENOSPC: ["target-full", "target", false],
    EDQUOT: ["target-full", "target", false],
    EACCES: ["target-forbidden", "target", false],
    EROFS: ["target-read-only", "target", false],
    ENOENT: ["target-missing", "target", false],
    ESTALE: ["target-missing", "target", false],
    EIO: ["target-broken", "target", false],
    ENAMETOOLONG: ["name-refused", "file", true],
    EBADMSG: ["unexpected", "file", false],
  } as const;

  for (const [system, [code, concerns, permanent]] of Object.entries(cases))
    it(`say ${code} for ${system}, with a hint and the system's own words`, () => {
      const error = folderFailure(systemError(system));
      expect(error).to.include({ code, permanent });
      expect(error.hint).to.match(/\w+\.$/);
      expect(error.message).to.include(system);
      expect(failureOf(error)).to.include({ concerns, permanent });
    });

  it("leave alone what is worded already", () => {
    const worded = transferError("local-file-changed", "other bytes");
    expect(folderFailure(worded)).to.equal(worded);
  });
});
