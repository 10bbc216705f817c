// The WAV files that MixMonitor writes: a 44-byte header, 16 bit PCM. While such a file is open both lengths in the
// header are 0; they are written when it is closed, never if Asterisk was killed. (app_mixmonitor, format_wav)

import { copyFile, type FileHandle, open, rename, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { SpoolError } from "../core/errors.ts";
import { syncFolder } from "../files/durable-file.ts";

export interface WavFacts {
  readonly channels: number;
  readonly sampleRate: number;
  readonly bytesPerSecond: number;
  /** What the header says; 0 while the file is open. */
  readonly dataBytesInHeader: number;
  /** What is there: the file's size less the header. */
  readonly dataBytes: number;
  readonly durationMs: number;
  /** The header tells the truth about the size. */
  readonly closed: boolean;
}

export const wavHeaderBytes = 44;
const largestSize = 0xffff_ffff;

/** Throws SpoolError `not-a-wav` for anything that MixMonitor would not have written, and `recording-unreadable`. */
export async function readWavFacts(path: string): Promise<WavFacts> {
  const file = await open(path, "r").catch(unreadable(path));
  try {
    return await factsOf(file, path);
  } finally {
    await file.close();
  }
}

/** An account of its own for Asterisk, with an umask that shuts out its group. */
const unreadable = (path: string) => (cause: NodeJS.ErrnoException) => {
  if (cause.code !== "EACCES") throw cause;
  throw new SpoolError(`${path}: Asterisk wrote it so that this account may not read it`, {
    code: "recording-unreadable",
    hint: "Set UMask=0027 in Asterisk's service and restart it; then as root chmod g+r this file. Nothing is lost; it is tried again every few seconds.",
    cause,
  });
};

async function factsOf(file: FileHandle, path: string): Promise<WavFacts> {
  const header = Buffer.alloc(wavHeaderBytes);
  const { bytesRead } = await file.read(header, 0, wavHeaderBytes, 0);
  const { size } = await file.stat();
  const isWav =
    bytesRead === wavHeaderBytes &&
    header.toString("latin1", 0, 4) === "RIFF" &&
    header.toString("latin1", 8, 16) === "WAVEfmt " &&
    header.toString("latin1", 36, 40) === "data";
  const bytesPerSecond = isWav ? header.readUInt32LE(28) : 0;
  if (!isWav || bytesPerSecond === 0)
    throw new SpoolError(
      `${path}: expected a WAV file with a 44-byte header, got ${size} bytes of something else`,
      {
        code: "not-a-wav",
        hint: "The file stays where it is. Look whether something else than this module writes into the spool.",
        permanent: true,
      },
    );
  const dataBytesInHeader = header.readUInt32LE(40);
  const dataBytes = size - wavHeaderBytes;
  return {
    channels: header.readUInt16LE(22),
    sampleRate: header.readUInt32LE(24),
    bytesPerSecond,
    dataBytesInHeader,
    dataBytes,
    durationMs: Math.round((dataBytes * 1000) / bytesPerSecond),
    closed: dataBytesInHeader === dataBytes && header.readUInt32LE(4) === size - 8,
  };
}

/**
 * Writes the lengths that a killed Asterisk could not write: RIFF = size − 8, data = size − 44. A file that belongs to
 * Asterisk's account and may not be written is replaced by a repaired copy.
 */
export async function repairWavHeader(path: string): Promise<void> {
  try {
    await writeLengths(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    const copy = `${path}.part`;
    try {
      await copyFile(path, copy);
      await writeLengths(copy);
      await rename(copy, path);
    } catch (failure) {
      await unlink(copy).catch(() => undefined);
      throw failure;
    }
    await syncFolder(dirname(path));
  }
}

async function writeLengths(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    const { size } = await file.stat();
    const lengths = Buffer.alloc(4);
    lengths.writeUInt32LE(Math.min(size - 8, largestSize));
    await file.write(lengths, 0, 4, 4);
    lengths.writeUInt32LE(Math.min(size - wavHeaderBytes, largestSize));
    await file.write(lengths, 0, 4, 40);
    await file.sync();
  } finally {
    await file.close();
  }
}
