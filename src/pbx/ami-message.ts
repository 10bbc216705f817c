// One AMI message: what kind it is, its headers, and how an action is written. Pure functions between the splitter
// (bytes) and the connection (records).
//
// The protocol: `Name: value` lines ended by CRLF, a message ended by an empty line, UTF-8. Events begin with their
// `Event` header, answers with `Response` (main/manager.c). What begins otherwise is neither: a caller's number can hold
// line breaks, and then a message begins in the middle of it (see event-form).
import { PbxError } from "../core/errors.ts";

/** Headers by name, as Asterisk spells them. No prototype, so that a header named `__proto__` or `set` is only a header. */
export type AmiRecord = Readonly<Record<string, string>>;
export type AmiEvent = AmiRecord & { readonly Event: string };
export type AmiResponse = AmiRecord & { readonly Response: string };

/** An action to send. A list makes several headers of one name (`Variable`). The connection adds the ActionID. */
export type AmiAction = Readonly<Record<string, string | readonly string[]>> & { readonly Action: string };

export type AmiMessage =
  | { readonly kind: "event"; readonly event: AmiEvent }
  | { readonly kind: "response"; readonly response: AmiResponse }
  | { readonly kind: "other" };

const CR = 13;
const SPACE = 32;
const eventHeader = Buffer.from("Event: ");

/**
 * The value of a leading `Event:` header, read from the bytes without decoding the message, or undefined when the
 * message begins otherwise.
 */
export function leadingEventName(bytes: Buffer, start: number, end: number): string | undefined {
  for (let i = 0; i < eventHeader.length; i += 1) {
    if (bytes[start + i] !== eventHeader[i]) return undefined;
  }
  const from = start + eventHeader.length;
  let to = from;
  while (to < end && bytes[to] !== CR) to += 1;
  return bytes.toString("latin1", from, to);
}

/**
 * Splits a message into its headers. Of a repeated header the first one counts: in a UserEvent, what the dialplan
 * appends comes after Asterisk's own headers and must not replace them.
 */
export function parseHeaders(text: string): AmiRecord {
  const headers: Record<string, string> = Object.create(null);
  let from = 0;
  while (from < text.length) {
    let to = text.indexOf("\r\n", from);
    if (to < 0) to = text.length;
    const colon = text.indexOf(":", from);
    if (colon > from && colon < to) {
      const name = text.slice(from, colon);
      headers[name] ??= text.slice(text.charCodeAt(colon + 1) === SPACE ? colon + 2 : colon + 1, to);
    }
    from = to + 2;
  }
  return headers;
}

/** Its first header decides: OriginateResponse is an event that carries a `Response` header. */
export function parseMessage(text: string): AmiMessage {
  if (text.startsWith("Event: ")) return { kind: "event", event: parseHeaders(text) as AmiEvent };
  if (text.startsWith("Response: ")) return { kind: "response", response: parseHeaders(text) as AmiResponse };
  return { kind: "other" };
}

// Asterisk reads an action line by line into 1,025 bytes and refuses the action when a line is longer (measured: 1,020
// pass, 1,024 do not); it takes 128 headers (AST_MAX_MANHEADERS).
const maxLineBytes = 1_000;
const maxHeaders = 100;
const headerName = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const lineBreaking = /[\r\n\0]/;

/** Writes an action. A value with a line break would be a second action: it is refused, as a permanent `bad-header`. */
export function formatAction(action: AmiAction, actionId: string): string {
  const lines = [`Action: ${checkedValue("Action", action.Action)}`, `ActionID: ${actionId}`];
  for (const [name, value] of Object.entries(action)) {
    if (name === "Action") continue;
    if (!headerName.test(name) || name.toLowerCase() === "actionid") {
      throw badHeader(`${JSON.stringify(name)}: expected a header name other than ActionID`);
    }
    for (const single of typeof value === "string" ? [value] : value) {
      lines.push(`${name}: ${checkedValue(name, single)}`);
    }
  }
  if (lines.length > maxHeaders)
    throw badHeader(`expected at most ${maxHeaders} headers, got ${lines.length}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

function checkedValue(name: string, value: string): string {
  if (lineBreaking.test(value))
    throw badHeader(`${name}: expected one line of text, got a line break or NUL`);
  if (Buffer.byteLength(value) + name.length > maxLineBytes) {
    throw badHeader(`${name}: expected at most ${maxLineBytes} bytes, got ${Buffer.byteLength(value)}`);
  }
  return value;
}

function badHeader(message: string): PbxError {
  return new PbxError(`AMI action: ${message}`, {
    code: "bad-header",
    hint: "This is a fault in Mitschnitt, or an attempt to smuggle commands into the PBX. Nothing was sent.",
    permanent: true,
  });
}
