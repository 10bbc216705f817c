// What went wrong between here and the PBX, in the words of the operator: from a socket's or TLS's error, or from the
// point at which a connection broke off, to a PbxError with a code and a hint.
import { PbxError } from "../core/errors.ts";

export interface PbxAddress {
  readonly host: string;
  readonly port: number;
}

export function socketError(error: unknown, { host, port }: PbxAddress): PbxError {
  const systemCode = errorCode(error);
  const message = `AMI ${host}:${port}: ${error instanceof Error ? error.message : String(error)}`;
  if (systemCode === "ENOTFOUND" || systemCode === "EAI_AGAIN") {
    return new PbxError(message, {
      code: "pbx-host-unknown",
      hint: `The name ${host} cannot be resolved. Check the PBX's address in the settings and the DNS.`,
      cause: error,
    });
  }
  if (untrusted.test(systemCode)) {
    return new PbxError(message, {
      code: "pbx-tls-untrusted",
      hint: "The PBX's certificate is not trusted: give its CA in the settings, renew it, or use the name it was made for.",
      cause: error,
    });
  }
  if (systemCode === "EPROTO" || /^ERR_(SSL|OSSL|TLS)_/.test(systemCode)) {
    return new PbxError(message, {
      code: "pbx-tls-failed",
      hint: "No TLS connection could be made. Use the port of `tlsbindaddr` in manager.conf (5039), and `tlsenable=yes`.",
      cause: error,
    });
  }
  if (["ECONNRESET", "EPIPE"].includes(systemCode)) return connectionLost({ host, port }, error);
  return new PbxError(message, {
    code: "pbx-unreachable",
    hint: "Is Asterisk running, is `enabled=yes` set in manager.conf, are address, port and firewall right?",
    cause: error,
  });
}

const untrusted = /SELF_SIGNED|UNABLE_TO|^CERT_|ALTNAME_INVALID|UNABLE_TO_GET_ISSUER/;

function errorCode(error: unknown): string {
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return "";
}

export function notReached({ host, port }: PbxAddress, timeoutMs: number): PbxError {
  return new PbxError(`AMI ${host}:${port}: no connection within ${timeoutMs} ms`, {
    code: "pbx-unreachable",
    hint: "Is the PBX switched on, and does a firewall on the way drop the packets?",
  });
}

export function noGreeting({ host, port }: PbxAddress, timeoutMs: number): PbxError {
  return new PbxError(`AMI ${host}:${port}: connected, but no greeting within ${timeoutMs} ms`, {
    code: "pbx-silent",
    hint: "Asterisk hangs, or this is not the port of its manager interface (`port` in manager.conf, 5038).",
  });
}

export function notAmi({ host, port }: PbxAddress, greeting: string): PbxError {
  const shown = JSON.stringify(greeting.slice(0, 60));
  return new PbxError(`AMI ${host}:${port}: expected "Asterisk Call Manager/…", got ${shown}`, {
    code: "pbx-not-ami",
    hint: "Another service listens there. Check the port in the settings against `port` in manager.conf (5038).",
  });
}

export function loginRefused({ host, port }: PbxAddress, user: string, cause: unknown): PbxError {
  return new PbxError(`AMI ${host}:${port}: login of user "${user}" refused`, {
    code: "pbx-login-refused",
    hint: `Is there a section [${user}] in manager.conf, is its secret the same as in the settings, do its permit lines allow this machine? After a change: \`manager reload\`.`,
    cause,
  });
}

export function loginUnanswered({ host, port }: PbxAddress, timeoutMs: number): PbxError {
  return new PbxError(`AMI ${host}:${port}: no answer to the login within ${timeoutMs} ms`, {
    code: "pbx-login-timeout",
    hint: "Asterisk hangs or is still starting. Mitschnitt tries again by itself.",
  });
}

export function connectionLost({ host, port }: PbxAddress, cause?: unknown): PbxError {
  return new PbxError(`AMI ${host}:${port}: connection closed by the PBX`, {
    code: "pbx-connection-lost",
    hint: "Asterisk was stopped or restarted, or ended the session (authlimit, writetimeout in manager.conf).",
    ...(cause === undefined ? {} : { cause }),
  });
}

export function pingUnanswered({ host, port }: PbxAddress, timeoutMs: number): PbxError {
  return new PbxError(`AMI ${host}:${port}: no answer to a Ping within ${timeoutMs} ms`, {
    code: "pbx-silent",
    hint: "The PBX hangs, was cut off the network, or was switched off.",
  });
}

export function messageTooLong({ host, port }: PbxAddress, maxMessageBytes: number): PbxError {
  return new PbxError(`AMI ${host}:${port}: a message of more than ${maxMessageBytes} bytes`, {
    code: "pbx-bad-stream",
    hint: "What arrives is not what a PBX sends. Check address and port.",
  });
}

export function notConnected({ host, port }: PbxAddress): PbxError {
  return new PbxError(`AMI ${host}:${port}: not connected`, {
    code: "pbx-not-connected",
    hint: "See the state of the PBX connection for the reason. Mitschnitt tries again by itself.",
  });
}
