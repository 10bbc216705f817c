// What an FTP server's reply (RFC 959, 4.2), a socket's or a certificate's error says of a delivery. The same reply means
// something else at another step, so the step is part of the question; the reply's text is never looked at.

import { FTPError } from "basic-ftp";
import { TransferError } from "../../core/errors.ts";
import { messageOf, systemCode, type TransferFailureCode, transferError } from "../failures.ts";

/** `data`: opening the data connection; `send` and `read`: using it. */
export type FtpStep = "connect" | "tls" | "login" | "folder" | "data" | "send" | "read" | "place";

const byReply: Readonly<Record<number, TransferFailureCode>> = {
  120: "service-unavailable",
  421: "service-unavailable",
  425: "data-connection-failed",
  426: "connection-lost",
  430: "login-refused",
  450: "file-busy",
  452: "target-full",
  // vsftpd: the data connection did not reuse the TLS session, or its handshake failed.
  522: "tls-failed",
  530: "login-refused",
  532: "login-refused",
  552: "target-full",
};

/** For every reply that the table above does not know. */
const byStep: Readonly<Record<FtpStep, TransferFailureCode>> = {
  connect: "service-unavailable",
  tls: "tls-failed",
  login: "login-refused",
  folder: "target-missing",
  data: "data-connection-failed",
  send: "server-refused",
  read: "server-refused",
  place: "rename-refused",
};

/** No such file, or no right to it (550); a name that is not allowed, in vsftpd's words also a lack of rights (553). */
const isRefusal = (reply: number): boolean => reply === 550 || reply === 553;

function codeOfReply(reply: number, step: FtpStep): TransferFailureCode {
  const known = byReply[reply];
  // A server without TLS may answer AUTH with 530, "please log in first".
  if (step === "tls" && known !== "service-unavailable") return "tls-failed";
  if (known !== undefined) return known;
  if (step === "login" && reply < 500) return "service-unavailable";
  if (step === "send" && isRefusal(reply)) return "target-forbidden";
  return byStep[step];
}

const bySystemCode: Readonly<Record<string, TransferFailureCode>> = {
  ENOTFOUND: "host-unknown",
  EAI_AGAIN: "host-unknown",
  ECONNREFUSED: "connection-refused",
  EHOSTUNREACH: "host-unreachable",
  EHOSTDOWN: "host-unreachable",
  ENETUNREACH: "host-unreachable",
  CERT_HAS_EXPIRED: "certificate-expired",
  CERT_NOT_YET_VALID: "certificate-expired",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificate-wrong-name",
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificate-untrusted",
  SELF_SIGNED_CERT_IN_CHAIN: "certificate-untrusted",
  UNABLE_TO_GET_ISSUER_CERT: "certificate-untrusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificate-untrusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificate-untrusted",
  CERT_SIGNATURE_FAILURE: "certificate-untrusted",
  CERT_UNTRUSTED: "certificate-untrusted",
  CERT_REVOKED: "certificate-untrusted",
  INVALID_CA: "certificate-untrusted",
  INVALID_PURPOSE: "certificate-untrusted",
};

function codeOfSystemError(code: string | undefined, step: FtpStep): TransferFailureCode {
  const known = code === undefined ? undefined : bySystemCode[code];
  if (known?.startsWith("certificate-")) return known;
  if (step === "data") return "data-connection-failed";
  if (known !== undefined) return known;
  if (code?.startsWith("ERR_SSL_") || code?.startsWith("ERR_TLS_") || code === "EPROTO") return "tls-failed";
  if (step === "connect" && code === "ETIMEDOUT") return "host-unreachable";
  // basic-ftp's own timeouts and unexpected ends have no code.
  return step === "tls" ? "tls-failed" : "connection-lost";
}

export function ftpFailure(error: unknown, step: FtpStep, server: string): TransferError {
  if (error instanceof TransferError) return error;
  const code =
    error instanceof FTPError ? codeOfReply(error.code, step) : codeOfSystemError(systemCode(error), step);
  return transferError(code, `${server}: ${messageOf(error)}`, error);
}
