import { expect } from "chai";
import { formatWav, monoOf, parseWav } from "../../../lab/sound/wav.ts";

const SAMPLES = Int16Array.from({ length: 160 }, (_, index) => (index * 397) % 32767);

describe("wav", () => {
  it("reads back what it wrote", () => {
    const sound = parseWav(formatWav(SAMPLES));
    expect(monoOf(sound)).to.deep.equal(SAMPLES);
    expect(sound).to.include({ rateHz: 8000, durationMs: 20, declaredBytes: 320 });
  });

  it("reads a file that is still open, whose lengths are 0", () => {
    const bytes = formatWav(SAMPLES);
    bytes.writeUInt32LE(0, 4);
    bytes.writeUInt32LE(0, 40);
    const sound = parseWav(bytes);
    expect(sound.durationMs).to.equal(20);
    expect(sound.declaredBytes).to.equal(0);
  });

  it("reads what there is of a file that was cut off", () => {
    expect(parseWav(formatWav(SAMPLES).subarray(0, 44 + 160)).durationMs).to.equal(10);
  });

  it("takes two channels apart, and adds them up", () => {
    const bytes = formatWav(Int16Array.from([1, -2, 30_000, 30_000]));
    bytes.writeUInt16LE(2, 22);
    const sound = parseWav(bytes);
    expect(sound.channels.map((channel) => [...channel])).to.deep.equal([
      [1, 30_000],
      [-2, 30_000],
    ]);
    expect([...monoOf(sound)]).to.deep.equal([-1, 32_767]);
  });

  it("skips chunks that it does not know", () => {
    const bytes = formatWav(SAMPLES);
    const extra = Buffer.from("LIST\x03\x00\x00\x00abc\x00", "latin1"); // an odd size is padded
    const sound = parseWav(Buffer.concat([bytes.subarray(0, 36), extra, bytes.subarray(36)]));
    expect(monoOf(sound)).to.deep.equal(SAMPLES);
  });

  it("says which file is none", () => {
    expect(() => parseWav(Buffer.from("hello"), "x.wav")).to.throw(/^x\.wav: expected RIFF\/WAVE/);
  });
});
