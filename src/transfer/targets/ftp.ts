// An FTP or FTPS server as a target. Upload to a temporary name, compare SIZE, rename. A 226 is not believed without the
// size, and an upload that broke off is not given up without it: a server whose disk is full often just hangs up, and one
// that got everything may hang up too.

import { MitschnittError } from "../../core/errors.ts";
import { transferError } from "../failures.ts";
import { findFinalName } from "../final-name.ts";
import { readRecording } from "../local-file.ts";
import { assertSafeName, earlierPartNames, partName } from "../remote-name.ts";
import type { Delivery, OutgoingFile, SendContext, Target } from "../target.ts";
import { type FtpConnection, type FtpServer, type FtpTimeouts, openFtpConnection } from "./ftp-connection.ts";

export interface FtpTargetOptions extends Omit<FtpServer, "password"> {
  readonly id: string;
}

export interface FtpTargetParts {
  readonly timeouts?: FtpTimeouts;
}

const usualTimeouts: FtpTimeouts = { replyMs: 50_000, dataConnectionMs: 20_000 };

export function createFtpTarget(
  options: FtpTargetOptions,
  password: string | undefined,
  { timeouts = usualTimeouts }: FtpTargetParts = {},
): Target {
  const oneByOne = createTurnstile();
  return {
    id: options.id,
    kind: "ftp",
    async send(file, context) {
      assertSafeName(file);
      if (password === undefined)
        throw transferError("password-missing", `${options.host}: no password for user "${options.user}"`);
      const server = { ...options, password };
      const session = createSession(() => openFtpConnection(server, timeouts, context.signal));
      try {
        context.onProgress({ phase: "connect", bytes: 0 });
        return await deliver(session, file, context, oneByOne);
      } finally {
        session.close();
      }
    },
  };
}

/** The connection of an attempt: opened when it is needed first, and once more after it was lost. */
interface Session {
  connection(): Promise<FtpConnection>;
  reconnect(): Promise<FtpConnection>;
  close(): void;
}

function createSession(open: () => Promise<FtpConnection>): Session {
  let current: FtpConnection | undefined;
  const reconnect = async (): Promise<FtpConnection> => {
    current?.close();
    current = undefined;
    current = await open();
    return current;
  };
  return {
    connection: async () => current ?? (await reconnect()),
    reconnect,
    close: () => current?.close(),
  };
}

async function deliver(
  session: Session,
  file: OutgoingFile,
  context: SendContext,
  oneByOne: Turnstile,
): Promise<Delivery> {
  const first = await session.connection();
  for (const name of earlierPartNames(file.recordingId, context.attempt)) await first.remove(name);
  const before = await findFinalName(file, lookAt(first, context));
  if (before.kind === "delivered") return { remoteName: before.name, verifiedBy: "hash" };

  const part = partName(file.recordingId, context.attempt);
  try {
    await upload(session, file, part, context);
    return await oneByOne(async () => place(await session.connection(), file, part, context));
  } catch (error) {
    if (!context.signal.aborted) await removePart(session, part);
    throw error;
  }
}

const lookAt = (connection: FtpConnection, { onProgress }: SendContext) => ({
  sizeOf: (name: string) => connection.sizeOf(name),
  hashOf: (name: string) => connection.hashOf(name, (bytes) => onProgress({ phase: "verify", bytes })),
});

/** Returns when the whole file stands under the temporary name. */
async function upload(
  session: Session,
  file: OutgoingFile,
  part: string,
  context: SendContext,
): Promise<void> {
  let connection = await session.connection();
  try {
    await connection.upload(chunksOf(file, context), part);
  } catch (error) {
    if (context.signal.aborted || !mayHaveArrived(error)) throw error;
    connection = await session.reconnect().catch(() => {
      throw error;
    });
    if ((await connection.sizeOf(part)) !== file.sizeBytes) throw error;
  }
  context.onProgress({ phase: "verify", bytes: 0 });
  const size = await connection.sizeOf(part);
  if (size !== file.sizeBytes)
    throw transferError(
      "verification-failed",
      `${part}: the server has ${size ?? "no"} bytes, expected ${file.sizeBytes}`,
    );
}

/**
 * True where the connection failed, not the file: then only the size at the server tells what became of it. TLS is among
 * them because vsftpd breaks off in the handshake when there is no byte to send, and yet has the empty file.
 */
const mayHaveArrived = (error: unknown): boolean =>
  error instanceof MitschnittError && (error.code === "connection-lost" || error.code === "tls-failed");

async function* chunksOf(file: OutgoingFile, { signal, onProgress }: SendContext): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of readRecording(file, signal)) {
    // Small pieces: on a slow line, the wait for one of them must not look like a standstill.
    for (let start = 0; start < chunk.length; start += pieceBytes) {
      onProgress({ phase: "send", bytes });
      const piece = chunk.subarray(start, start + pieceBytes);
      yield piece;
      bytes += piece.length;
    }
  }
  onProgress({ phase: "send", bytes });
}
const pieceBytes = 32 * 1024;

/**
 * FTP cannot rename without replacing, so the name is looked up right before, by one attempt of this target at a time.
 * What remains is a stranger who takes the very same name between the two commands.
 */
async function place(
  connection: FtpConnection,
  file: OutgoingFile,
  part: string,
  context: SendContext,
): Promise<Delivery> {
  context.onProgress({ phase: "place", bytes: 0 });
  const final = await findFinalName(file, lookAt(connection, context));
  if (final.kind === "delivered") {
    await connection.remove(part);
    return { remoteName: final.name, verifiedBy: "hash" };
  }
  await connection.rename(part, final.name);
  const size = await connection.sizeOf(final.name);
  if (size !== file.sizeBytes)
    throw transferError(
      "verification-failed",
      `${final.name}: renamed, but the server has ${size ?? "no"} bytes there, expected ${file.sizeBytes}`,
    );
  return { remoteName: final.name, verifiedBy: "size" };
}

/** As far as the server lets us: what stays is removed by the next attempt. */
async function removePart(session: Session, part: string): Promise<void> {
  try {
    await (await session.connection()).remove(part);
  } catch {
    await session
      .reconnect()
      .then((connection) => connection.remove(part))
      .catch(() => undefined);
  }
}

type Turnstile = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets one through at a time, in the order in which they came. */
function createTurnstile(): Turnstile {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
