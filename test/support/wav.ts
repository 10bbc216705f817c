// WAV files as MixMonitor writes them: 8 kHz, 16 bit, mono; while it is open both lengths in the header are 0.

export interface WavShape {
  readonly durationMs: number;
  /** False: as Asterisk leaves it while it records, or when it is killed. */
  readonly closed?: boolean;
}

export function wavBytes({ durationMs, closed = true }: WavShape): Buffer {
  const data = Buffer.alloc(Math.round(durationMs * 8) * 2, "\x10\x00");
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(closed ? 36 + data.length : 0, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(16_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(closed ? data.length : 0, 40);
  return Buffer.concat([header, data]);
}
