import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { configValue, readConfig } from "../../src/module/asterisk-config.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

describe("Asterisk's configuration files", () => {
  const folder = temporaryFolder();
  const path = (...parts: string[]) => join(folder(), ...parts);
  const read = async (text: string) => {
    await writeFile(path("a.conf"), text, "latin1");
    return (await readConfig(path("a.conf"), path())) ?? [];
  };

  it("take = and => alike, with or without spaces, in any case", async () => {
    const sections = await read("[Directories]\nASTetcdir=>/a\nastrundir = /b\nastlogdir=/c=d\n");
    expect(configValue(sections, "directories", "astetcdir")).to.equal("/a");
    expect(configValue(sections, "directories", "astrundir")).to.equal("/b");
    expect(configValue(sections, "directories", "astlogdir")).to.equal("/c=d");
  });

  it("do not count a template, but what inherits from it", async () => {
    const sections = await read(
      "[directories](!)\nastetcdir => /template\n[files](directories)\nastctl => x\n",
    );
    expect(configValue(sections, "directories", "astetcdir")).to.equal(undefined);
    expect(configValue(sections, "files", "astetcdir")).to.equal("/template");
  });

  it("let a section go on later, and the last value count", async () => {
    const sections = await read("[general]\nport = 1\n[x]\n[general](+)\nport = 2\n");
    expect(configValue(sections, "general", "port")).to.equal("2");
  });

  it("have comments at the end of a line, over several lines, and escaped semicolons", async () => {
    const sections = await read("[a]\nx = 1 ; no\n;-- y = 2\n[b]\n--;\nz = 3\\;4\n");
    expect(configValue(sections, "a", "x")).to.equal("1");
    expect(configValue(sections, "a", "y")).to.equal(undefined);
    expect(configValue(sections, "a", "z")).to.equal("3;4");
  });

  it("are read with what they include, and say which file a section is from", async () => {
    await mkdir(path("more"));
    await writeFile(path("more", "b.conf"), "[mitschnitt]\r\nsecret = x\r\n");
    const sections = await read('[general]\nport = 1\n#include "more/b.conf"\n#tryinclude gone.conf\n');
    expect(sections.find(({ name }) => name === "mitschnitt")?.file).to.equal(path("more", "b.conf"));
  });

  it("that include themselves are not read for ever", async () => {
    expect((await read('[a]\n#include "a.conf"\n')).length).to.be.within(1, 20);
  });

  it("may begin with a byte order mark and hold any bytes", async () => {
    expect(configValue(await read("\xef\xbb\xbf[a]\nx = \xff\n"), "a", "x")).to.equal("\xff");
  });

  it("that do not exist are told from empty ones", async () => {
    expect(await readConfig(path("none.conf"), path())).to.equal(undefined);
    expect(await read("")).to.deep.equal([]);
  });
});
