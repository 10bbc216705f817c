// What a caller says of himself, as a person should see it: AMI's escapes undone, nothing in it that a terminal, a page
// or a file could take for an order, and of bounded length.

/** Asterisk itself keeps 79 bytes of a number or a name that comes by SIP. */
const longestText = 80;

const controlCharacter = /\p{Cc}/u;
/** Also line separators, and marks that turn the direction in which the text around them is read. */
const invisible = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu;

const escapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** A number or an extension up to its first control character; what follows it, no phone has sent as a number. */
export function upToControlCharacter(text: string): string {
  const end = text.search(controlCharacter);
  return end < 0 ? text : text.slice(0, end);
}

export const numberText = (value: string): string => upToControlCharacter(value).trim().slice(0, longestText);

/**
 * A name out of AMI, which escapes it as C does (ast_escape_c). chan_pjsip leaves the backslashes of a SIP quoted string
 * (RFC 3261, quoted-pair) in the name, so `O'Brien "x"` comes as `O\'Brien \\\"x\\\"`.
 */
export function nameText(value: string): string {
  const unescaped = value.replace(/\\(.)/gsu, (_, character: string) => escapes[character] ?? character);
  const spoken = unescaped
    .replace(/\\(["\\])/g, "$1")
    .replace(invisible, " ")
    .trim();
  // Asterisk cuts bytes, so the last character may be half of one.
  return [...spoken.replace(/\ufffd+$/, "")].slice(0, longestText).join("");
}
