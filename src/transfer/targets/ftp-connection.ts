// One login at an FTP server, for one attempt: basic-ftp behind the few steps that a delivery needs, each with errors that
// say at which step the server failed. Nothing else imports basic-ftp's client.

import { createHash } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { type ConnectionOptions, rootCertificates } from "node:tls";
import { Client, FTPError } from "basic-ftp";
import { type FtpStep, ftpFailure } from "./ftp-failures.ts";

export interface FtpServer {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly security: "none" | "explicit" | "implicit";
  /** Below the login's folder, or absolute; created where it is missing. Empty for the login's folder itself. */
  readonly directory: string;
  /** PEM of certificates that are trusted beside the usual authorities. */
  readonly trustedCertificates?: string;
}

export interface FtpTimeouts {
  /** For each answer, and for data to move on: slow lines have full buffers, and the last byte takes its time. */
  readonly replyMs: number;
  /** For a data connection to open. A firewall that swallows it is told apart before the attempt counts as stalled. */
  readonly dataConnectionMs: number;
}

export interface FtpConnection {
  /** Undefined where there is no such file. */
  sizeOf(name: string): Promise<number | undefined>;
  /** Reads the file back. SHA-256, hex. */
  hashOf(name: string, onBytes: (bytes: number) => void): Promise<string>;
  upload(chunks: AsyncIterable<Buffer>, name: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Does nothing where there is no such file, or no right to remove it. */
  remove(name: string): Promise<void>;
  close(): void;
}

const tlsOptions = ({ host, trustedCertificates }: FtpServer): ConnectionOptions => ({
  host,
  minVersion: "TLSv1.2",
  ...(trustedCertificates === undefined ? {} : { ca: [...rootCertificates, trustedCertificates] }),
});

export async function openFtpConnection(
  server: FtpServer,
  timeouts: FtpTimeouts,
  signal: AbortSignal,
): Promise<FtpConnection> {
  signal.throwIfAborted();
  const client = new Client(timeouts.replyMs);
  const address = `${server.host}:${server.port}`;

  /** Closing alone does not end every wait: a TLS handshake that is never answered has no task to reject. */
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => {
      client.close();
      reject(signal.reason);
    });
  });
  aborted.catch(() => undefined);

  const step = async <T>(name: FtpStep, work: () => Promise<T>): Promise<T> => {
    try {
      return await Promise.race([work(), aborted]);
    } catch (error) {
      signal.throwIfAborted();
      throw ftpFailure(error, name, address);
    }
  };

  /** Tells a data connection that cannot be opened from one that breaks; basic-ftp words both the same way. */
  const transfer = <T>(name: FtpStep, work: () => Promise<T>): Promise<T> => {
    const open = client.prepareTransfer;
    client.prepareTransfer = (context) => {
      client.prepareTransfer = open;
      return step("data", () => within(timeouts.dataConnectionMs, () => open(context)));
    };
    return step(name, work);
  };

  const connection: FtpConnection = {
    async sizeOf(name) {
      return step("read", async () => {
        try {
          return await client.size(name);
        } catch (error) {
          if (error instanceof FTPError && error.code === 550) return undefined;
          throw error;
        }
      });
    },
    async hashOf(name, onBytes) {
      const hash = createHash("sha256");
      let bytes = 0;
      const sink = new Writable({
        write(chunk: Buffer, _encoding, done) {
          hash.update(chunk);
          bytes += chunk.length;
          onBytes(bytes);
          done();
        },
      });
      await transfer("read", () => client.downloadTo(sink, name));
      return hash.digest("hex");
    },
    async upload(chunks, name) {
      const source = Readable.from(chunks, { objectMode: false });
      try {
        await transfer("send", () => client.uploadFrom(source, name));
      } finally {
        // A client that is closed in the middle forgets its source, and the local file would stay open.
        source.destroy();
      }
    },
    async rename(from, to) {
      await step("place", () => client.rename(from, to));
    },
    async remove(name) {
      await step("place", () => client.remove(name, true));
    },
    close: () => client.close(),
  };

  try {
    await logIn(client, server, step);
    return connection;
  } catch (error) {
    client.close();
    throw error;
  }
}

async function within<T>(limitMs: number, work: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no data connection within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([work(), expired]);
  } finally {
    clearTimeout(timer);
  }
}

async function logIn(
  client: Client,
  server: FtpServer,
  step: <T>(name: FtpStep, work: () => Promise<T>) => Promise<T>,
): Promise<void> {
  const { host, port, user, password, security, directory } = server;
  if (security === "implicit")
    await step("connect", () => client.connectImplicitTLS(host, port, tlsOptions(server)));
  else await step("connect", () => client.connect(host, port));
  if (security === "explicit") await step("tls", () => client.useTLS(tlsOptions(server)));
  // Before the login as well: user and password may have umlauts.
  await step("login", () => client.sendIgnoringError("OPTS UTF8 ON"));
  await step("login", () => client.login(user, password));
  await step("login", () => client.useDefaultSettings());
  if (directory !== "") await step("folder", () => client.ensureDir(directory));
}
