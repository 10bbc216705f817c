import { expect } from "chai";
import { ALAW_SILENCE, decodeAlaw, encodeAlaw } from "../../../lab/sip/g711.ts";

describe("g711", () => {
  it("codes known samples as G.711 does", () => {
    // ITU-T G.191's reference coder
    const known: [number, number][] = [
      [0, 0xd5],
      [8, 0xd5],
      [-1, 0x55],
      [1000, 0xfa],
      [-1000, 0x7a],
      [32767, 0xaa],
      [-32768, 0x2a],
    ];
    for (const [sample, byte] of known) expect(encodeAlaw(sample), String(sample)).to.equal(byte);
  });

  it("codes each byte's sample to that byte", () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    expect(Uint8Array.from(decodeAlaw(bytes), encodeAlaw)).to.deep.equal(bytes);
  });

  it("is off by a thirtieth at most, and near silence by 8", () => {
    for (let sample = -32_000; sample <= 32_000; sample += 37) {
      const [heard = 0] = decodeAlaw(Uint8Array.of(encodeAlaw(sample)));
      expect(Math.abs(heard - sample), String(sample)).to.be.at.most(Math.max(8, Math.abs(sample) / 30));
    }
    expect(Math.abs(decodeAlaw(Uint8Array.of(ALAW_SILENCE))[0] ?? 99)).to.be.at.most(8);
  });
});
