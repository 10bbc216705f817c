import { expect } from "chai";
import { findTone, heardMs, tone, totalMs } from "../../../lab/sound/tone.ts";

function join(...parts: Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}
const silence = (durationMs: number) => tone(0, durationMs);

describe("tone", () => {
  it("finds where a tone begins and ends, to a window", () => {
    const [segment, ...others] = findTone(join(silence(500), tone(1000, 300), silence(200)), 1000);
    expect(others).to.deep.equal([]);
    expect(segment?.startMs).to.be.within(480, 500);
    expect(segment?.endMs).to.be.within(800, 820);
  });

  it("sees a pause as two segments", () => {
    const segments = findTone(join(tone(440, 200), silence(100), tone(440, 200)), 440);
    expect(segments).to.have.length(2);
    expect(totalMs(segments)).to.be.within(400, 460);
  });

  it("tells two voices at once apart, and hears no third", () => {
    const other = tone(1000, 500);
    const mixed = tone(440, 500).map((sample, index) => sample + (other[index] ?? 0));
    expect(heardMs(mixed, 440)).to.equal(500);
    expect(heardMs(mixed, 1000)).to.equal(500);
    expect(heardMs(mixed, 1500)).to.equal(0);
  });
});
