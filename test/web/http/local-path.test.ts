import { expect } from "chai";
import fc from "fast-check";
import { localPath, withQuery } from "../../../src/web/http/local-path.ts";

describe("local path", () => {
  it("keeps a path of these pages with its query", () => {
    for (const path of ["/", "/report?from=2026-11-01&to=2026-11-30", "/calls/0af3"])
      expect(localPath(path)).to.equal(path);
  });

  it("turns whatever leads elsewhere into the overview", () => {
    for (const path of [
      "//evil",
      "//evil/report",
      "/\\evil",
      "/.//evil",
      "\\\\evil",
      "https://evil",
      "javascript:1",
      "",
      undefined,
      1,
      "/\t/evil",
      "//",
    ])
      expect(localPath(path), String(path)).to.equal("/");
  });

  it("never gives what a browser takes for another host", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[/\\.@:a?#%\t\n ]{0,12}$/), (text) => {
        expect(new URL(localPath(`/${text}`), "http://here.example").host).to.equal("here.example");
      }),
      { numRuns: 2000 },
    );
  });

  it("replaces one value of the query", () => {
    expect(withQuery("/a?x=1&y=2", "x", "3")).to.equal("/a?x=3&y=2");
    expect(withQuery("/a?x=1", "x", undefined)).to.equal("/a");
  });
});
