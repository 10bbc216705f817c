// What every target promises, run by each of them against the real thing. The queue rests on nothing else.

import { randomBytes } from "node:crypto";
import { readFile, unlink, writeFile } from "node:fs/promises";
import { expect } from "chai";
import { transferError } from "../../src/transfer/failures.ts";
import type { Target } from "../../src/transfer/target.ts";
import { failureOfSending, makeContext, makeOutgoing, sha256 } from "../support/outgoing.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

export interface TargetUnderTest {
  readonly target: Target;
  /** What the target has, by name; temporary files included. */
  list(): Promise<readonly string[]>;
  read(name: string): Promise<Buffer>;
  /** A file of somebody else. */
  put(name: string, content: Buffer): Promise<void>;
}

/** `open` is called before each test. */
export function behavesLikeATarget(open: () => TargetUnderTest): void {
  const local = temporaryFolder();

  const onlyFile = async (): Promise<string> => {
    const names = await open().list();
    expect(names).to.have.lengthOf(1);
    return names[0] ?? "";
  };

  it("delivers byte for byte, under the wished name, and leaves the local file where it is", async () => {
    const file = await makeOutgoing(local(), { content: randomBytes(1_000_003) });
    const delivery = await open().target.send(file, makeContext());
    expect(delivery.remoteName).to.equal(file.name);
    expect(await onlyFile()).to.equal(file.name);
    expect(sha256(await open().read(file.name))).to.equal(file.sha256);
    expect(sha256(await readFile(file.localPath))).to.equal(file.sha256);
  });

  it("delivers an empty file", async () => {
    const file = await makeOutgoing(local(), { content: Buffer.alloc(0) });
    await open().target.send(file, makeContext());
    expect(await onlyFile()).to.equal(file.name);
  });

  it("delivers under a name of 200 characters with umlauts, blanks and quotes", async () => {
    const name = `${"Gespräch mit 'Müller & Söhne' ($x; `y`) ".padEnd(196, "x")}.wav`;
    const file = await makeOutgoing(local(), { name });
    await open().target.send(file, makeContext());
    expect(await onlyFile()).to.equal(name);
  });

  it("takes a file of the same content, under the same name, for the delivery itself", async () => {
    const file = await makeOutgoing(local());
    await open().target.send(file, makeContext(1));
    const again = await open().target.send(file, makeContext(2));
    expect(again.remoteName).to.equal(file.name);
    expect(await onlyFile()).to.equal(file.name);
  });

  it("keeps a foreign file of the same name, also one of the same size, and delivers beside it", async () => {
    const file = await makeOutgoing(local());
    const foreign = randomBytes(file.sizeBytes);
    await open().put(file.name, foreign);
    const numbered = file.name.replace(".wav", "_2.wav");
    expect((await open().target.send(file, makeContext())).remoteName).to.equal(numbered);
    expect(sha256(await open().read(file.name))).to.equal(sha256(foreign));
    expect(sha256(await open().read(numbered))).to.equal(file.sha256);
  });

  it("finds its delivery again where it had to take a number", async () => {
    const file = await makeOutgoing(local());
    await open().put(file.name, Buffer.from("somebody else's"));
    const first = await open().target.send(file, makeContext(1));
    const again = await open().target.send(file, makeContext(2));
    expect(again.remoteName).to.equal(first.remoteName);
    expect(await open().list()).to.have.lengthOf(2);
  });

  it("gives up when a hundred foreign files have the name, and leaves nothing behind", async () => {
    const file = await makeOutgoing(local(), { name: "a.wav" });
    await open().put("a.wav", Buffer.from("1"));
    for (let number = 2; number < 100; number++) await open().put(`a_${number}.wav`, Buffer.from("1"));
    const error = await failureOfSending(open().target.send(file, makeContext()));
    expect(error).to.include({ code: "name-taken", permanent: true });
    expect(await open().list()).to.have.lengthOf(99);
  });

  it("delivers two recordings that wish for one name at the same moment", async () => {
    const files = [
      await makeOutgoing(local(), { name: "a.wav" }),
      await makeOutgoing(local(), { name: "a.wav" }),
    ];
    const { target } = open();
    const deliveries = await Promise.all(files.map((file) => target.send(file, makeContext())));
    for (const [index, file] of files.entries())
      expect(sha256(await open().read(deliveries[index]?.remoteName ?? ""))).to.equal(file.sha256);
    expect([...(await open().list())].sort()).to.deep.equal(["a.wav", "a_2.wav"]);
  });

  it("tells how far it is, in growing numbers up to the size", async () => {
    const file = await makeOutgoing(local(), { content: randomBytes(1_000_000) });
    const context = makeContext();
    await open().target.send(file, context);
    const sent = context.seen.filter(({ phase }) => phase === "send").map(({ bytes }) => bytes);
    expect(sent).to.deep.equal([...sent].sort((a, b) => a - b));
    expect(sent.length).to.be.greaterThan(3);
    expect(sent.at(-1)).to.equal(file.sizeBytes);
  });

  it("has no partial file under the final name when it is aborted in the middle, and tidies up at the next attempt", async () => {
    const file = await makeOutgoing(local(), { content: randomBytes(4_000_000) });
    const aborting = new AbortController();
    const context = makeContext(1, {
      signal: aborting.signal,
      onProgress({ phase, bytes }) {
        if (phase === "send" && bytes > 500_000) aborting.abort(transferError("interrupted", "stopped"));
      },
    });
    const error = await failureOfSending(open().target.send(file, context));
    expect(error.code).to.equal("interrupted");
    for (const name of await open().list()) expect(name).to.match(/\.part$/);
    await open().target.send(file, makeContext(2));
    expect(await onlyFile()).to.equal(file.name);
    expect(sha256(await open().read(file.name))).to.equal(file.sha256);
  });

  it("removes what killed attempts left of this recording, and nothing of others", async () => {
    const file = await makeOutgoing(local());
    const others = "mitschnitt-0123456789abcdef0123456789abcdef-1.part";
    await open().put(others, Buffer.from("another attempt goes on"));
    for (const attempt of [1, 2, 3])
      await open().put(`mitschnitt-${file.recordingId}-${attempt}.part`, Buffer.from("half of it"));
    await open().target.send(file, makeContext(4));
    expect([...(await open().list())].sort()).to.deep.equal([file.name, others].sort());
  });

  it("does not begin when it is aborted before", async () => {
    const file = await makeOutgoing(local());
    const signal = AbortSignal.abort(transferError("interrupted", "stopped"));
    const error = await failureOfSending(open().target.send(file, makeContext(1, { signal })));
    expect(error.code).to.equal("interrupted");
    expect(await open().list()).to.deep.equal([]);
  });

  describe("of a local file that is not what was recorded", () => {
    const fails = async (file: Parameters<Target["send"]>[0], code: string): Promise<void> => {
      const error = await failureOfSending(open().target.send(file, makeContext()));
      expect(error).to.include({ code, permanent: true });
      expect(await open().list()).to.deep.equal([]);
    };

    it("delivers nothing when its content was changed", async () => {
      const file = await makeOutgoing(local(), { content: Buffer.alloc(600_000) });
      await writeFile(file.localPath, Buffer.alloc(600_000, 1));
      await fails(file, "local-file-changed");
    });

    it("delivers nothing when it became shorter or longer", async () => {
      for (const sizeBytes of [599_999, 600_001]) {
        const file = await makeOutgoing(local(), { content: Buffer.alloc(600_000) });
        await writeFile(file.localPath, Buffer.alloc(sizeBytes));
        await fails(file, "local-file-changed");
      }
    });

    it("delivers nothing when it is gone", async () => {
      const file = await makeOutgoing(local());
      await unlink(file.localPath);
      await fails(file, "local-file-missing");
    });
  });

  it("refuses names that are paths, commands or too long, before it touches anything", async () => {
    for (const name of [
      "../a.wav",
      "a/b.wav",
      "a\r\nDELE b.wav",
      "a\0.wav",
      "..",
      "",
      " a.wav",
      "-a.wav",
      "ä".repeat(128),
    ]) {
      const file = await makeOutgoing(local(), { name });
      const error = await failureOfSending(open().target.send(file, makeContext()));
      expect(error, JSON.stringify(name)).to.include({ code: "name-refused", permanent: true });
    }
    expect(await open().list()).to.deep.equal([]);
  });
}
