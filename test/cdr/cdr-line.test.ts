import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import { readCdrLine, secondOfUniqueid } from "../../src/cdr/cdr-line.ts";
import { cdr, cdrLine, type LineForm } from "../support/cdr-lines.ts";

/** The columns of a line, whose values hold neither commas nor quotation marks but for `"Name" <…>`. */
const columnsOf = (line: string): string[] =>
  line
    .replaceAll('""', "")
    .split(",")
    .map((column) => column.replaceAll('"', ""));

const read = (form: LineForm = {}, facts = cdr()) =>
  readCdrLine(columnsOf(cdrLine(facts, form).replace("PJSIP/alice,30", "PJSIP/alice")), "utc");

describe("a line of Master.csv", () => {
  it("is read in its fullest form", () => {
    expect(read({ userfield: "x" })).to.deep.equal({ state: "read", cdr: cdr() });
  });

  it("is read with any of the columns that cdr.conf leaves out, as long as one names the call", () => {
    const without = { ...cdr(), linkedid: "" };
    expect(read({ newColumns: false })).to.deep.equal({ state: "read", cdr: without });
    expect(read({ newColumns: false, userfield: "x" })).to.deep.equal({ state: "read", cdr: without });
    expect(read({ uniqueid: false })).to.deep.equal({ state: "read", cdr: { ...cdr(), uniqueid: "" } });
    expect(read({ uniqueid: false, userfield: "x" })).to.deep.equal({
      state: "read",
      cdr: { ...cdr(), uniqueid: "" },
    });
  });

  it("is nameless with neither uniqueid nor linkedid, also where a userfield stands in the same place", () => {
    expect(read({ uniqueid: false, newColumns: false }).state).to.equal("nameless");
    expect(read({ uniqueid: false, newColumns: false, userfield: "12.5" }).state).to.equal("nameless");
  });

  it("takes the systemname of asterisk.conf as part of the uniqueid", () => {
    const facts = cdr({ uniqueid: "pbx-berlin-1795600800.1", linkedid: "pbx-berlin-1795600800.1" });
    expect(read({}, facts)).to.deep.equal({ state: "read", cdr: facts });
    expect(secondOfUniqueid("pbx-berlin-1795600800.1")).to.equal(1795600800);
    expect(secondOfUniqueid("12.5")).to.equal(undefined);
  });

  it("has no answer where nobody answered", () => {
    const line = read({}, cdr({ disposition: "NO ANSWER", answeredSeconds: 0 }));
    expect(line.state === "read" && line.cdr.answeredAt).to.equal(undefined);
  });

  it("is unreadable in any other form", () => {
    const whole = columnsOf(cdrLine(cdr()).replace("PJSIP/alice,30", "PJSIP/alice"));
    const changed = (place: number, value: string) => whole.map((old, i) => (i === place ? value : old));
    for (const columns of [
      [],
      whole.slice(0, 12),
      [...whole, "x", "y", "z"],
      changed(9, "yesterday"),
      changed(11, ""),
      changed(13, "many"),
      changed(19, "no sequence"),
    ])
      expect(readCdrLine(columns, "utc").state, columns.join()).to.equal("unreadable");
  });

  it("knows by the uniqueid which of two equal hours of an autumn night is meant", () => {
    const uniqueid = `${Date.parse("2026-10-25T01:30:00Z") / 1000}.4`;
    const script = `import { readCdrLine } from ${JSON.stringify(join(import.meta.dirname, "../../src/cdr/cdr-line.ts"))};
      const times = ["2026-10-25 02:30:00", "2026-10-25 02:30:05", "2026-10-25 02:50:00"];
      const columns = [..."123456789", ...times, "1200", "1195", "ANSWERED", "x", process.argv[1]];
      const { cdr } = readCdrLine(columns, "local");
      console.log([cdr.startedAt, cdr.answeredAt, cdr.endedAt].map((at) => at.toISOString().slice(11, 16)).join());`;
    // A zone cannot be changed within a process.
    const timesOf = (name: string): string =>
      execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script, name], {
        env: { ...process.env, TZ: "Europe/Berlin" },
        encoding: "utf8",
      }).trim();
    expect(timesOf(uniqueid)).to.equal("01:30,01:30,01:50");
    expect(timesOf(`${Date.parse("2026-10-25T00:30:00Z") / 1000}.4`)).to.equal("00:30,00:30,00:50");
  }).timeout(20_000);
});
