// Session descriptions (RFC 4566) of the one medium that our phone has: A-law audio with RFC 4733 digits.

export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

export const ALAW_PAYLOAD = 8;
export const DIGIT_PAYLOAD = 101;

export function formatSdp(port: number, direction: Direction, version: number): string {
  return [
    "v=0",
    `o=- 1 ${version} IN IP4 127.0.0.1`,
    "s=-",
    "c=IN IP4 127.0.0.1",
    "t=0 0",
    `m=audio ${port} RTP/AVP ${ALAW_PAYLOAD} ${DIGIT_PAYLOAD}`,
    `a=rtpmap:${ALAW_PAYLOAD} PCMA/8000`,
    `a=rtpmap:${DIGIT_PAYLOAD} telephone-event/8000`,
    `a=fmtp:${DIGIT_PAYLOAD} 0-16`,
    "a=ptime:20",
    `a=${direction}`,
    "",
  ].join("\r\n");
}

/** Undefined where the body has no audio, as in most messages. */
export function parseSdp(body: string): { readonly port: number; readonly direction: Direction } | undefined {
  const port = /^m=audio (\d+)/m.exec(body)?.[1];
  if (port === undefined) return undefined;
  const direction = /^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(body)?.[1];
  return { port: Number(port), direction: (direction ?? "sendrecv") as Direction };
}

/** Our answer to the other side's direction. */
export function answerTo(direction: Direction): Direction {
  if (direction === "sendonly") return "recvonly";
  return direction === "recvonly" ? "sendonly" : direction;
}
