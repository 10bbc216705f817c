// The SIP phone's UDP socket: sends requests and brings each final response to who asked, hands requests from the PBX
// to the phone. No retransmission of ours, loopback loses nothing; the PBX's are answered as the first time.

import { randomUUID } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { timeoutError } from "../deadline.ts";
import { branchOf, formatSip, parseSip, type SipHeaders, type SipMessage } from "./sip-message.ts";

export interface SipTransport {
  readonly port: number;
  /** The final response, after any number of provisional ones. */
  request(method: string, uri: string, headers: SipHeaders, options?: RequestOptions): Promise<SipMessage>;
  /** ACK, which has no response; CANCEL shares the branch of its INVITE. */
  sendWithoutResponse(method: string, uri: string, headers: SipHeaders, branch?: string): void;
  respond(to: SipMessage, status: number, reason: string, headers: SipHeaders, body?: string): void;
  close(): void;
}

export interface RequestOptions {
  readonly body?: string;
  readonly branch?: string;
  readonly timeoutMs?: number;
  readonly onProvisional?: (status: number) => void;
}

const REQUEST_TIMEOUT_MS = 32_000; // SIP's timer B, 64 × T1
const MAX_ANSWERED = 200;

export async function createSipTransport(
  pbxPort: number,
  handlers: {
    onRequest(request: SipMessage): void;
    /** A 200 that nobody waits for: the PBX did not get our ACK. */
    onStrayResponse(response: SipMessage): void;
  },
): Promise<SipTransport> {
  const socket = createSocket("udp4");
  const pending = new Map<string, (response: SipMessage) => void>();
  const watching = new Map<string, (status: number) => void>();
  const answered = new Map<string, Buffer>();
  const listening = once(socket, "listening");
  socket.bind(0, "127.0.0.1");
  await listening;
  const { port } = socket.address();

  const send = (bytes: Buffer) => socket.send(bytes, pbxPort, "127.0.0.1");

  socket.on("error", () => {}); // a PBX that is down shows as a timeout
  socket.on("message", (bytes: Buffer) => {
    const message = parseSip(bytes);
    const key = `${branchOf(message)} ${message.method}`;
    if (message.status === 0) {
      const before = answered.get(key);
      if (before === undefined) handlers.onRequest(message);
      else send(before);
    } else if (message.status < 200) {
      watching.get(key)?.(message.status);
    } else {
      const resolve = pending.get(key);
      if (resolve === undefined) handlers.onStrayResponse(message);
      else resolve(message);
    }
  });

  function format(method: string, uri: string, headers: SipHeaders, branch: string, body = ""): Buffer {
    const via = `SIP/2.0/UDP 127.0.0.1:${port};rport;branch=${branch}`;
    const type: SipHeaders = body === "" ? [] : [["Content-Type", "application/sdp"]];
    return formatSip(
      `${method} ${uri} SIP/2.0`,
      [["Via", via], ["Max-Forwards", "70"], ...headers, ...type],
      body,
    );
  }

  return {
    port,
    async request(method, uri, headers, options = {}) {
      const { body, branch = newBranch(), timeoutMs = REQUEST_TIMEOUT_MS, onProvisional } = options;
      const key = `${branch} ${method}`;
      if (onProvisional !== undefined) watching.set(key, onProvisional);
      let timer: NodeJS.Timeout | undefined;
      try {
        return await new Promise<SipMessage>((resolve, reject) => {
          pending.set(key, resolve);
          timer = setTimeout(() => reject(timeoutError(`answer to ${method} ${uri}`, timeoutMs)), timeoutMs);
          send(format(method, uri, headers, branch, body));
        });
      } finally {
        clearTimeout(timer);
        pending.delete(key);
        watching.delete(key);
      }
    },
    sendWithoutResponse(method, uri, headers, branch = newBranch()) {
      send(format(method, uri, headers, branch));
    },
    respond(to, status, reason, headers, body = "") {
      const type: SipHeaders = body === "" ? [] : [["Content-Type", "application/sdp"]];
      const mirrored: SipHeaders = [
        ...to.all("via").map((value) => ["Via", value] as const),
        ...to.all("record-route").map((value) => ["Record-Route", value] as const),
        ["From", to.first("from")],
        ["Call-ID", to.first("call-id")],
        ["CSeq", to.first("cseq")],
      ];
      const bytes = formatSip(`SIP/2.0 ${status} ${reason}`, [...mirrored, ...headers, ...type], body);
      if (status >= 200) remember(`${branchOf(to)} ${to.method}`, bytes);
      send(bytes);
    },
    close: () => socket.close(),
  };

  function remember(key: string, bytes: Buffer): void {
    answered.set(key, bytes);
    const oldest = answered.keys().next().value;
    if (answered.size > MAX_ANSWERED && oldest !== undefined) answered.delete(oldest);
  }
}

export function newBranch(): string {
  return `z9hG4bK${randomUUID()}`; // the cookie of RFC 3261
}
