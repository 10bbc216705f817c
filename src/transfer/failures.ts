// Every way in which a delivery can fail, what it means for the queue, and what an operator can do about it. One table,
// so that targets only name a code. Two rules stand behind it: what is wrong with a target is never permanent, because
// its backlog shall flow by itself once somebody has mended it; and what only a person can mend is tried slowly,
// because many servers lock an account after a few refused logins.

import { MitschnittError, TransferError } from "../core/errors.ts";
import type { AttemptFailure } from "../core/transfer-job.ts";

interface FailureKind extends Pick<AttemptFailure, "permanent" | "concerns" | "slow"> {
  readonly hint: string;
}

const held = (hint: string): FailureKind => ({ concerns: "file", permanent: true, slow: false, hint });
const file = (hint: string): FailureKind => ({ concerns: "file", permanent: false, slow: false, hint });
const target = (hint: string): FailureKind => ({ concerns: "target", permanent: false, slow: false, hint });
const forPerson = (hint: string): FailureKind => ({ concerns: "target", permanent: false, slow: true, hint });

const kinds = {
  "local-file-missing": held(
    "The recording is no longer in the spool. Restore it from a backup, then retry.",
  ),
  "local-file-changed": held(
    "The file is not the one that was recorded, so it is not delivered. Look who writes to the spool; restore it from a backup, then retry.",
  ),
  "local-file-unreadable": file("Look at the disk of this machine and at the rights of the spool."),
  "name-refused": held("The target does not take a file of this name; it may be too long for it."),
  "name-taken": held("Too many other files have this name at the target already. Tidy up there, then retry."),
  "verification-failed": file(
    "What arrived is not what was sent. The target's disk may be full or damaged, or something on the way alters the data.",
  ),
  "rename-refused": forPerson("Give the account the right to rename files at the target."),
  "file-busy": file("Another program may have the file open at the target."),
  "server-refused": file("Look into the log of the target's server."),
  "target-missing": target(
    "Create the folder, or mount the share that it belongs to: it is never created by the module, so that a share that is not mounted is not filled below its mount point.",
  ),
  "target-forbidden": forPerson(
    "Give the account the right to create and rename files in the target's folder.",
  ),
  "target-read-only": forPerson("The target's disk is read-only. It may have failed, or be mounted so."),
  "target-full": target("Make room at the target, or raise its quota."),
  "target-broken": target("The target's disk or the way to it reports errors. Look into its log."),
  "host-unknown": target(
    "Check the host name in the target's settings, and the name server of this machine.",
  ),
  "connection-refused": target("Start the server, or check host and port in the target's settings."),
  "host-unreachable": target("Check the network between this machine and the target."),
  "connection-lost": target(
    "The server closed the connection or fell silent. If it happens again, look at its disk space and its log.",
  ),
  "data-connection-failed": target("Open the server's passive ports in the firewall."),
  "service-unavailable": target(
    "The server is shutting down, or has too many connections. It is tried again.",
  ),
  "login-refused": forPerson(
    "Check user and password in the target's settings. It is tried slowly, so that the account is not locked.",
  ),
  "password-missing": forPerson("Enter the password in the target's settings."),
  "certificate-expired": forPerson("Renew the server's certificate."),
  "certificate-wrong-name": forPerson("Enter the host name that the certificate is made out to."),
  "certificate-untrusted": forPerson(
    "Use a certificate of an authority that this machine trusts, or add the server's own to NODE_EXTRA_CA_CERTS.",
  ),
  "tls-failed": forPerson(
    "Check that the server speaks TLS 1.2 or later on this port, in the way that the settings say.",
  ),
  stalled: target("The transfer stood still and was ended. Check the network and the target's load."),
  interrupted: file("The module was stopped in the middle. It goes on by itself."),
  unexpected: file("This is a fault in the program, please report it."),
} as const satisfies Record<string, FailureKind>;

export type TransferFailureCode = keyof typeof kinds;

export const transferFailureCodes = Object.keys(kinds) as TransferFailureCode[];

export function transferError(code: TransferFailureCode, message: string, cause?: unknown): TransferError {
  const { hint, permanent } = kinds[code];
  return new TransferError(message, { code, hint, permanent, cause });
}

const isFailureCode = (code: string): code is TransferFailureCode => Object.hasOwn(kinds, code);

/** What the queue decides by. Anything that no target has foreseen is tried again and told as our own fault. */
export function failureOf(error: unknown): AttemptFailure {
  if (error instanceof MitschnittError && isFailureCode(error.code)) {
    const { permanent, concerns, slow } = kinds[error.code];
    return {
      error: { code: error.code, message: error.message, hint: error.hint },
      permanent,
      concerns,
      slow,
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  return failureOf(transferError("unexpected", message, error));
}

/** The code of Node's system and TLS errors, as ENOSPC; undefined where the error has none. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
