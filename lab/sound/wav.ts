// WAV files as the lab writes and reads them: PCM, 16 bit, any rate. Reads files that Asterisk still holds open, too,
// whose lengths are 0 until they are closed.

import { readFile, writeFile } from "node:fs/promises";
import { LabError } from "../lab-error.ts";

export interface Sound {
  readonly rateHz: number;
  /** One array a channel; telephone recordings have one. */
  readonly channels: readonly Int16Array[];
  readonly durationMs: number;
  /** What the header says of the data; 0 in a file that is still open. */
  readonly declaredBytes: number;
  readonly declaredRiffBytes: number;
}

const HEADER_BYTES = 44;

export async function readWav(file: string): Promise<Sound> {
  return parseWav(await readFile(file), file);
}

export function parseWav(bytes: Buffer, name = "WAV"): Sound {
  if (
    bytes.length < 12 ||
    bytes.toString("latin1", 0, 4) !== "RIFF" ||
    bytes.toString("latin1", 8, 12) !== "WAVE"
  ) {
    throw new LabError(`${name}: expected RIFF/WAVE, got ${bytes.length} bytes of something else`, {
      code: "lab-no-wav",
      hint: "The file is not a WAV file.",
    });
  }
  let format = { channels: 1, rateHz: 8000 };
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = bytes.toString("latin1", at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const body = at + 8;
    if (id === "fmt ")
      format = { channels: bytes.readUInt16LE(body + 2), rateHz: bytes.readUInt32LE(body + 4) };
    if (id === "data") {
      const end = size === 0 ? bytes.length : Math.min(bytes.length, body + size);
      const channels = deinterleave(bytes.subarray(body, end), format.channels);
      const durationMs = ((channels[0]?.length ?? 0) / format.rateHz) * 1000;
      return {
        rateHz: format.rateHz,
        channels,
        durationMs,
        declaredBytes: size,
        declaredRiffBytes: bytes.readUInt32LE(4),
      };
    }
    at = body + size + (size % 2);
  }
  return {
    rateHz: format.rateHz,
    channels: [new Int16Array(0)],
    durationMs: 0,
    declaredBytes: 0,
    declaredRiffBytes: bytes.readUInt32LE(4),
  };
}

/** The only channel, or the sum of all. */
export function monoOf(sound: Sound): Int16Array {
  const [first, ...others] = sound.channels;
  if (first === undefined) return new Int16Array(0);
  if (others.length === 0) return first;
  return first.map((sample, index) => {
    const sum = others.reduce((total, channel) => total + (channel[index] ?? 0), sample);
    return Math.max(-32768, Math.min(32767, sum));
  });
}

export async function writeWav(file: string, samples: Int16Array, rateHz = 8000): Promise<void> {
  await writeFile(file, formatWav(samples, rateHz));
}

export function formatWav(samples: Int16Array, rateHz = 8000): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + samples.length * 2);
  bytes.write("RIFF", 0, "latin1");
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8, "latin1");
  bytes.writeUInt32LE(16, 16); // size of this chunk
  bytes.writeUInt16LE(1, 20); // PCM
  bytes.writeUInt16LE(1, 22); // channels
  bytes.writeUInt32LE(rateHz, 24);
  bytes.writeUInt32LE(rateHz * 2, 28); // bytes a second
  bytes.writeUInt16LE(2, 32); // bytes a frame
  bytes.writeUInt16LE(16, 34); // bits a sample
  bytes.write("data", 36, "latin1");
  bytes.writeUInt32LE(samples.length * 2, 40);
  for (const [index, sample] of samples.entries()) bytes.writeInt16LE(sample, HEADER_BYTES + index * 2);
  return bytes;
}

function deinterleave(data: Buffer, count: number): Int16Array[] {
  const frames = Math.floor(data.length / 2 / count);
  return Array.from({ length: count }, (_, channel) =>
    Int16Array.from({ length: frames }, (_, frame) => data.readInt16LE((frame * count + channel) * 2)),
  );
}
