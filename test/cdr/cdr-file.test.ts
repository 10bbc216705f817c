import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { CdrError } from "../../src/cdr/cdr-error.ts";
import { clockOf, readCdrFile } from "../../src/cdr/cdr-file.ts";
import type { CdrLine } from "../../src/cdr/cdr-line.ts";
import { cdr, cdrLine } from "../support/cdr-lines.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describe("Master.csv", () => {
  const folder = temporaryFolder();
  const file = (text: string): string => {
    const path = join(folder(), "Master.csv");
    writeFileSync(path, text);
    return path;
  };
  const linesOf = async (path: string): Promise<CdrLine[]> => {
    const lines: CdrLine[] = [];
    for await (const line of readCdrFile(path)) lines.push(line);
    return lines;
  };
  const failure = async (path: string): Promise<string | undefined> => {
    try {
      await linesOf(path);
    } catch (error) {
      return error instanceof CdrError ? error.code : String(error);
    }
    return undefined;
  };

  it("is read line by line, with commas, quotation marks and line breaks in what callers send", async () => {
    const hostile = cdr({ source: 'a "b", c\r\nd', destination: "=1+1" });
    const path = file(`${cdrLine(cdr())}\n${cdrLine(hostile)}\n`);
    expect(await linesOf(path)).to.deep.equal([
      { state: "read", cdr: cdr() },
      { state: "read", cdr: hostile },
    ]);
  });

  it("passes over what is no CDR, as the line that is just being written", async () => {
    const path = file(`${cdrLine(cdr())}\nnonsense\n"a"b,c\n${cdrLine(cdr())}\n"","0301","10`);
    expect((await linesOf(path)).map(({ state }) => state)).to.have.members([
      "read",
      "unreadable",
      "unreadable",
      "read",
      "unreadable",
    ]);
  });

  it("is said to be damaged where a line has no end, instead of being read in part", async () => {
    expect(await failure(file(`${cdrLine(cdr())}\n"${"x".repeat(100_000)}\n`))).to.equal("cdr-damaged");
  });

  it("is missing or unreadable with a hint what to do", async () => {
    expect(await failure(join(folder(), "nowhere.csv"))).to.equal("cdr-missing");
    expect(await failure(folder())).to.equal("cdr-unreadable");
  });

  it("is found to be in UTC, or in local time, by the uniqueids", () => {
    const path = file(`${cdrLine(cdr())}\n`);
    const script = `import { clockOf } from ${JSON.stringify(join(import.meta.dirname, "../../src/cdr/cdr-file.ts"))};
      process.stdout.write(await clockOf(${JSON.stringify(path)}));`;
    // A zone cannot be changed within a process, so each gets one of its own.
    const clockIn = (TZ: string): string =>
      execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
        env: { ...process.env, TZ },
        encoding: "utf8",
      });
    expect(clockIn("Europe/Berlin")).to.equal("utc");
    const shifted = cdrLine(cdr(), {
      write: (at) => new Date(at.getTime() + 3_600_000).toISOString().slice(0, 19).replace("T", " "),
    });
    writeFileSync(path, `${shifted}\n`);
    expect(clockIn("Europe/Berlin")).to.equal("local");
  }).timeout(20_000);

  it("is taken for local time where there are no uniqueids", async () => {
    expect(await clockOf(file(`${cdrLine(cdr(), { uniqueid: false, newColumns: false })}\n`))).to.equal(
      "local",
    );
  });
});
