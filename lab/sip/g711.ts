// A-law, ITU-T G.711: what goes over the wire in Europe's telephony, 8,000 bytes a second, each one a sample.

/** XOR of the wire's bytes: every other bit is inverted. */
const INVERTED_BITS = 0x55;
export const ALAW_SILENCE = 0xd5;

/** A 16-bit sample; the lower 3 bits do not survive. */
export function encodeAlaw(sample: number): number {
  const positive = sample >= 0;
  const magnitude = Math.min(4095, positive ? sample >> 3 : (-sample - 1) >> 3);
  const exponent = magnitude < 32 ? 0 : 27 - Math.clz32(magnitude); // 27: a magnitude of 32–63 has exponent 1
  const mantissa = (exponent < 2 ? magnitude >> 1 : magnitude >> exponent) & 0x0f;
  return ((positive ? 0x80 : 0) | (exponent << 4) | mantissa) ^ INVERTED_BITS;
}

const DECODED = Int16Array.from({ length: 256 }, (_, byte) => {
  const bits = byte ^ INVERTED_BITS;
  const exponent = (bits >> 4) & 0x07;
  const middle = ((bits & 0x0f) << 4) + 8;
  const magnitude = exponent === 0 ? middle : (middle + 0x100) << (exponent - 1);
  return (bits & 0x80) === 0 ? -magnitude : magnitude;
});

export function decodeAlaw(bytes: Uint8Array): Int16Array {
  return Int16Array.from(bytes, (byte) => DECODED[byte] ?? 0);
}
