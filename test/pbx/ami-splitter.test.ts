import { expect } from "chai";
import fc from "fast-check";
import { createAmiSplitter } from "../../src/pbx/ami-splitter.ts";
import { allTraces } from "./recorded-trace.ts";

function collect(maxMessageBytes = 10_000) {
  const messages: string[] = [];
  const splitter = createAmiSplitter(maxMessageBytes, (bytes, start, end) =>
    messages.push(bytes.toString("utf8", start, end)),
  );
  return { messages, splitter };
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let from = 0;
  for (let i = 0; from < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    // A copy, as each read of a socket is.
    chunks.push(Buffer.from(bytes.subarray(from, from + size)));
    from += size;
  }
  return chunks;
}

describe("AMI splitter", () => {
  const recorded = allTraces();
  const recordedBytes = Buffer.from(recorded.map((message) => `${message}\r\n\r\n`).join(""));

  it("finds the same messages however the network cuts the stream", () => {
    const line = fc.stringMatching(/^[A-Za-z]{1,12}: [^\r\n]{0,20}$/);
    const message = fc.array(line, { minLength: 1, maxLength: 5 }).map((lines) => lines.join("\r\n"));
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 });
    fc.assert(
      fc.property(fc.array(message), sizes, (expected, chunkSizes) => {
        const { messages, splitter } = collect();
        const stream = Buffer.from(expected.map((one) => `${one}\r\n\r\n`).join(""));
        for (const chunk of cut(stream, chunkSizes)) expect(splitter.push(chunk)).to.equal(true);
        expect(messages).to.deep.equal(expected);
        expect(splitter.heldBytes).to.equal(0);
      }),
    );
  });

  it("finds the recorded messages fed one byte at a time, and in one piece", () => {
    for (const sizes of [[1], [recordedBytes.length]]) {
      const { messages, splitter } = collect();
      for (const chunk of cut(recordedBytes, sizes)) splitter.push(chunk);
      expect(messages).to.deep.equal(recorded);
    }
  });

  it("keeps a letter of several bytes whole when the cut falls into it", () => {
    const { messages, splitter } = collect();
    for (const chunk of cut(Buffer.from("CallerIDName: Jürgen Groß 😀\r\n\r\n"), [1])) splitter.push(chunk);
    expect(messages).to.deep.equal(["CallerIDName: Jürgen Groß 😀"]);
  });

  it("loses no message after empty lines too many", () => {
    const { messages, splitter } = collect();
    splitter.push(Buffer.from("\r\nA: 1\r\n\r\n\r\nB: 2\r\n\r\n\r\n\r\nC: 3\r\n\r\n"));
    expect(messages).to.deep.equal(["A: 1", "B: 2", "C: 3"]);
  });

  it("gives up on a message longer than the limit and keeps nothing of it", () => {
    const { splitter } = collect(1_000);
    const chunk = Buffer.alloc(100, "x");
    let pushes = 0;
    while (splitter.push(chunk)) {
      pushes += 1;
      expect(splitter.heldBytes).to.be.at.most(1_000);
    }
    expect(pushes).to.equal(10);
    expect(splitter.heldBytes).to.equal(0);
  });

  it("gives up on a message longer than the limit that comes in one piece", () => {
    const { splitter, messages } = collect(1_000);
    expect(splitter.push(Buffer.from(`A: ${"x".repeat(1_000)}\r\n\r\n`))).to.equal(false);
    expect(messages).to.deep.equal([]);
  });
});
