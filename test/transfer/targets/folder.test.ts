import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { link, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { createFolderTarget } from "../../../src/transfer/targets/folder.ts";
import { failureOfSending, makeContext, makeOutgoing, sha256 } from "../../support/outgoing.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { behavesLikeATarget, type TargetUnderTest } from "../target-contract.ts";

const noLinks = async (): Promise<void> => {
  throw Object.assign(new Error("operation not permitted, link"), { code: "EPERM" });
};

describe("folder target", () => {
  const temporary = temporaryFolder();
  const folder = (): string => join(temporary(), "target");
  beforeEach(() => mkdirSync(folder()));

  const underTest = (target = createFolderTarget({ id: "nas", path: folder() })): TargetUnderTest => ({
    target,
    list: () => readdir(folder()),
    read: (name) => readFile(join(folder(), name)),
    put: (name, content) => writeFile(join(folder(), name), content),
  });

  describe("where the file system has hard links", () => {
    behavesLikeATarget(() => underTest());
  });

  describe("where the file system has none", () => {
    const withoutLinks = () => createFolderTarget({ id: "nas", path: folder() }, { link: noLinks });
    behavesLikeATarget(() => underTest(withoutLinks()));

    it("takes its own reservation for free after it was killed between that and the rename", async () => {
      const file = await makeOutgoing(temporary());
      await writeFile(join(folder(), file.name), "");
      await writeFile(join(folder(), `mitschnitt-${file.recordingId}-1.part`), file.content);
      expect((await withoutLinks().send(file, makeContext(2))).remoteName).to.equal(file.name);
      expect(await readdir(folder())).to.deep.equal([file.name]);
    });

    it("keeps a foreign empty file", async () => {
      const file = await makeOutgoing(temporary());
      await writeFile(join(folder(), file.name), "");
      await withoutLinks().send(file, makeContext(1));
      expect((await stat(join(folder(), file.name))).size).to.equal(0);
    });
  });

  it("keeps the file of somebody who takes the name in the last moment", async () => {
    const file = await makeOutgoing(temporary());
    let first = true;
    const target = createFolderTarget(
      { id: "nas", path: folder() },
      {
        async link(from, to) {
          if (first) await writeFile(to, "somebody else's");
          first = false;
          await link(from, to);
        },
      },
    );
    expect((await target.send(file, makeContext())).remoteName).to.match(/_2\.wav$/);
    expect(await readFile(join(folder(), file.name), "utf8")).to.equal("somebody else's");
  });

  it("does not follow what only looks like its file: a link, a folder", async () => {
    const file = await makeOutgoing(temporary());
    await symlink(file.localPath, join(folder(), file.name));
    await mkdir(join(folder(), file.name.replace(".wav", "_2.wav")));
    expect(
      (await createFolderTarget({ id: "nas", path: folder() }).send(file, makeContext())).remoteName,
    ).to.match(/_3\.wav$/);
  });

  it("notices that what it reads back is not what it wrote", async () => {
    const file = await makeOutgoing(temporary(), { content: Buffer.alloc(600_000) });
    const part = join(folder(), `mitschnitt-${file.recordingId}-1.part`);
    const context = makeContext(1, {
      onProgress({ phase, bytes }) {
        // Another file in the place of ours, as a share with a cache of its own might show it.
        if (phase === "verify" && bytes === 0) replace(part, Buffer.alloc(600_000, 1));
      },
    });
    const error = await failureOfSending(
      createFolderTarget({ id: "nas", path: folder() }).send(file, context),
    );
    expect(error.code).to.equal("verification-failed");
    expect((await readdir(folder())).filter((name) => name === file.name)).to.deep.equal([]);
  });

  it("never makes the folder: a share that is not mounted must not be filled below its mount point", async () => {
    const file = await makeOutgoing(temporary());
    const target = createFolderTarget({ id: "nas", path: join(folder(), "not-mounted") });
    const error = await failureOfSending(target.send(file, makeContext()));
    expect(error).to.include({ code: "target-missing", permanent: false });
    expect(error.hint).to.match(/mount/);
    expect(await readdir(folder())).to.deep.equal([]);
  });

  it("says so when the folder is a file", async () => {
    const file = await makeOutgoing(temporary());
    const target = createFolderTarget({ id: "nas", path: file.localPath });
    expect((await failureOfSending(target.send(file, makeContext()))).code).to.equal("target-missing");
  });

  it("shortens a long name in front of the number", async () => {
    const file = await makeOutgoing(temporary(), { name: `${"ä".repeat(125)}.wav` });
    await writeFile(join(folder(), file.name), "somebody else's");
    const { remoteName } = await createFolderTarget({ id: "nas", path: folder() }).send(file, makeContext());
    expect(remoteName).to.equal(`${"ä".repeat(124)}_2.wav`);
    expect(sha256(await readFile(join(folder(), remoteName)))).to.equal(file.sha256);
  });
});

function replace(path: string, content: Buffer): void {
  writeFileSync(`${path}.other`, content);
  renameSync(`${path}.other`, path);
}
