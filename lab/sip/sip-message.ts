// SIP messages as text (RFC 3261): parsing what comes, forming what goes. Text is latin1 all the way, one character a
// byte, so that a hostile display name reaches the wire exactly as it was written.

export type SipHeaders = readonly (readonly [name: string, value: string])[];

export interface SipMessage {
  /** 0 in a request. */
  readonly status: number;
  /** Of the request, or of the one that this answers. */
  readonly method: string;
  readonly startLine: string;
  /** All values of a header; names are lower-case and long. */
  all(name: string): readonly string[];
  /** The first value, or an empty text. */
  first(name: string): string;
  readonly body: string;
}

const SHORT_NAMES: Readonly<Record<string, string>> = {
  c: "content-type",
  f: "from",
  i: "call-id",
  l: "content-length",
  m: "contact",
  r: "refer-to",
  t: "to",
  v: "via",
};

export function parseSip(bytes: Buffer): SipMessage {
  const text = bytes.toString("latin1");
  const headEnd = text.indexOf("\r\n\r\n");
  const head = (headEnd < 0 ? text : text.slice(0, headEnd)).replace(/\r\n[ \t]+/g, " ");
  const [startLine = "", ...lines] = head.split("\r\n");
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const written = line.slice(0, colon).trim().toLowerCase();
    const name = SHORT_NAMES[written] ?? written;
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  const all = (name: string) => headers.get(name) ?? [];
  const first = (name: string) => all(name)[0] ?? "";
  const status = Number(/^SIP\/2\.0 (\d{3})/.exec(startLine)?.[1] ?? 0);
  const method = first("cseq").split(" ")[1] ?? "";
  return { status, method, startLine, all, first, body: headEnd < 0 ? "" : text.slice(headEnd + 4) };
}

export function formatSip(startLine: string, headers: SipHeaders, body = ""): Buffer {
  const lines = headers.map(([name, value]) => `${name}: ${value}`);
  return Buffer.from(
    [startLine, ...lines, `Content-Length: ${body.length}`, "", body].join("\r\n"),
    "latin1",
  );
}

export function tagOf(party: string): string {
  return /;\s*tag=([^;>\s]+)/.exec(party)?.[1] ?? "";
}

/** The address of `"Name" <sip:…>;tag=…` or of a bare `sip:…`. */
export function uriOf(party: string): string {
  return /<([^>]+)>/.exec(party)?.[1] ?? party.split(";")[0] ?? "";
}

export function branchOf(message: SipMessage): string {
  return /;\s*branch=([^;,\s]+)/.exec(message.first("via"))?.[1] ?? "";
}

/** Text of ours to the wire's characters: UTF-8, a character a byte. */
export function wireText(text: string | Buffer): string {
  return (typeof text === "string" ? Buffer.from(text, "utf8") : text).toString("latin1");
}

/** A quoted display name. Line breaks stay: with a blank after them they are a folded line, without they are an attack. */
export function quoted(name: string | Buffer): string {
  return `"${wireText(name).replace(/["\\]/g, "\\$&")}"`;
}
