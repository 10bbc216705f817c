import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { readWavFacts, repairWavHeader } from "../../src/spool/wav-file.ts";
import { rejection } from "../module/rejection.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { wavBytes } from "../support/wav.ts";

describe("WAV file", () => {
  const folder = temporaryFolder();
  const file = (): string => join(folder(), "a.wav");

  it("tells the length of the audio and that the file was closed", async () => {
    writeFileSync(file(), wavBytes({ durationMs: 1500 }));
    expect(await readWavFacts(file())).to.deep.equal({
      channels: 1,
      sampleRate: 8000,
      bytesPerSecond: 16_000,
      dataBytesInHeader: 24_000,
      dataBytes: 24_000,
      durationMs: 1500,
      closed: true,
    });
  });

  it("goes by the file's size while Asterisk has it open", async () => {
    writeFileSync(file(), wavBytes({ durationMs: 1500, closed: false }));
    const facts = await readWavFacts(file());
    expect([facts.closed, facts.dataBytesInHeader, facts.durationMs]).to.deep.equal([false, 0, 1500]);
  });

  it("gets the header that a killed Asterisk could not write, and nothing else changes", async () => {
    writeFileSync(file(), wavBytes({ durationMs: 1500, closed: false }));
    await repairWavHeader(file());
    expect(readFileSync(file())).to.deep.equal(wavBytes({ durationMs: 1500 }));
  });

  it("is repaired when it was cut off in the middle of a sample", async () => {
    writeFileSync(file(), wavBytes({ durationMs: 1000, closed: false }).subarray(0, 44 + 999));
    await repairWavHeader(file());
    const facts = await readWavFacts(file());
    expect([facts.closed, statSync(file()).size]).to.deep.equal([true, 44 + 999]);
  });

  it("is refused when it is something else", async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from("RIFF"), Buffer.alloc(200, "x")]) {
      writeFileSync(file(), bytes);
      const error = await readWavFacts(file()).catch((e: { code: string }) => e.code);
      expect(error).to.equal("not-a-wav");
    }
  });

  it("says what to do about one that Asterisk's umask hides", async () => {
    writeFileSync(file(), wavBytes({ durationMs: 100 }), { mode: 0o000 });
    chmodSync(folder(), 0o755);
    const isRoot = process.geteuid?.() === 0;
    // root may read everything, and no other test runs meanwhile.
    if (isRoot) process.seteuid?.(64_001);
    try {
      const error = await rejection(readWavFacts(file()));
      expect(error).to.include({ code: "recording-unreadable", permanent: false });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});
