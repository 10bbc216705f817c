// Where the PBX's CDRs cannot be read, or cannot be compared by: what is wrong, and what to set in cdr.conf.

import { MitschnittError } from "../core/errors.ts";

/** `cdr-missing`, `cdr-unreadable`, `cdr-damaged`, `cdr-columns`, `cdr-no-csv`. */
export class CdrError extends MitschnittError {}

const setInCdrConf =
  "In cdr.conf set enable=yes in [general], and loguniqueid=yes and newcdrcolumns=yes in [csv]; then `asterisk -rx 'module load cdr_csv.so'` (or reload) and `cdr show status`.";

export function cdrFileError(path: string, error: NodeJS.ErrnoException): CdrError {
  const { code } = error;
  if (code === "ENOENT")
    return new CdrError(`${path}: expected the PBX's CDRs, there is no such file`, {
      code: "cdr-missing",
      hint: `${setInCdrConf} Another file is named with --cdr.`,
      permanent: true,
      cause: error,
    });
  return new CdrError(`${path} cannot be read: ${code ?? error.message}`, {
    code: "cdr-unreadable",
    hint: "Run the command as root or as a member of Asterisk's group, and check the file's rights.",
    cause: error,
  });
}

/** None of the lines tells to which call it belongs. */
export const cdrColumnsError = (path: string): CdrError =>
  new CdrError(`${path}: expected a uniqueid or a linkedid in each line, got neither`, {
    code: "cdr-columns",
    hint: `${setInCdrConf} Lines that were written before stay without; compare from the next day on with --from.`,
    permanent: true,
  });

export const noCsvError = (path: string): CdrError =>
  new CdrError(`${path}: expected lines as cdr_csv writes them (16 to 21 columns), got none`, {
    code: "cdr-no-csv",
    hint: "Name Asterisk's Master.csv with --cdr, not a file of cdr_custom or one of an account.",
    permanent: true,
  });

/** A quotation mark is opened and never closed: everything behind it would be one line. */
export const cdrDamaged = (path: string, longestLine: number): CdrError =>
  new CdrError(`${path}: expected lines of at most ${longestLine} bytes, got one without an end`, {
    code: "cdr-damaged",
    hint: "A quotation mark is not closed. Put a copy of the file right by hand, and name that with --cdr.",
    permanent: true,
  });
