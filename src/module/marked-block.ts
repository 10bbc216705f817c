// A block of our own lines in somebody else's file: put in once, replaced in place, taken out so that the very same
// bytes are left. Pure; the files are written by file-changes.
//
// The block stands at the beginning of the file (after a byte order mark, which Asterisk takes only there): then a last
// line without an end, an unclosed comment or lines that are appended later cannot mix with it, and the sections that
// it includes do not swallow what the administrator appends.

import { InstallError } from "../core/errors.ts";

export interface Block {
  /** Stands in the markers; one block of a name in a file. */
  readonly name: string;
  readonly lines: readonly string[];
}

export interface WithoutBlock {
  /** Undefined: the file was made for the block, nothing else came into it, so it is to be removed. */
  readonly bytes: Buffer | undefined;
  /** What stood between the markers; undefined where there was no block. */
  readonly lines: readonly string[] | undefined;
}

/** `before` undefined: there is no file. Throws `block-damaged`, naming `path`, where markers are half there or doubled. */
export function withBlock(before: Buffer | undefined, block: Block, path: string): Buffer {
  // latin1 maps bytes to characters one to one, so that any encoding survives.
  const text = before?.toString("latin1") ?? "";
  const place = findBlock(text, block.name, path);
  const start = place?.start ?? (text.startsWith(byteOrderMark) ? byteOrderMark.length : 0);
  const end = place?.end ?? start;
  const lineEnd = /\r?\n/.exec(text)?.[0] ?? "\n";
  const ours = [
    beginMarker(block.name, place?.newFile ?? before === undefined),
    ...block.lines,
    endMarker(block.name),
  ];
  const written = ours.map((line) => line + lineEnd).join("");
  return Buffer.from(text.slice(0, start) + written + text.slice(end), "latin1");
}

export function withoutBlock(before: Buffer | undefined, name: string, path: string): WithoutBlock {
  const text = before?.toString("latin1") ?? "";
  const place = findBlock(text, name, path);
  if (place === undefined) return { bytes: before, lines: undefined };
  const rest = text.slice(0, place.start) + text.slice(place.end);
  const bytes = place.newFile && rest === "" ? undefined : Buffer.from(rest, "latin1");
  return { bytes, lines: place.lines };
}

const byteOrderMark = "\xef\xbb\xbf";

const beginMarker = (name: string, newFile: boolean): string =>
  `; >>> ${name}${newFile ? " (new file)" : ""}: these lines come and go with its installer`;
const endMarker = (name: string): string => `; <<< ${name}`;

interface Place {
  readonly start: number;
  readonly end: number;
  readonly newFile: boolean;
  readonly lines: readonly string[];
}

function findBlock(text: string, name: string, path: string): Place | undefined {
  const lineStart = `(?<=^|\\n|^${byteOrderMark})`;
  const begins = [
    ...text.matchAll(new RegExp(`${lineStart}; >>> ${name}( \\(new file\\))?:[^\\n]*(?:\\n|$)`, "g")),
  ];
  const ends = [...text.matchAll(new RegExp(`${lineStart}; <<< ${name}[ \\t]*(?:\\r?\\n|\\r?$)`, "g"))];
  const [begin, end] = [begins[0], ends[0]];
  if (begin === undefined && end === undefined) return undefined;
  if (
    begin === undefined ||
    end === undefined ||
    begins.length > 1 ||
    ends.length > 1 ||
    begin.index > end.index
  )
    throw new InstallError(
      `${path}: expected one "; >>> ${name}" and one "; <<< ${name}" after it, got ${begins.length} and ${ends.length}`,
      {
        code: "block-damaged",
        hint: `Somebody edited the marker lines. Take out the remaining ones and the #include between them by hand, and try again. Nothing was changed.`,
        permanent: true,
      },
    );
  const inner = text.slice(begin.index + begin[0].length, end.index);
  return {
    start: begin.index,
    end: end.index + end[0].length,
    newFile: begin[1] !== undefined,
    lines: inner === "" ? [] : inner.replace(/\r?\n$/, "").split(/\r?\n/),
  };
}
