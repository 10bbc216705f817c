// Makes a sentence safe for a terminal, which obeys control characters: what comes from a call may hold some, as an
// escape sequence that moves the cursor, or a mark that turns the direction of the text around.

const obeyed = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** One line; each such character becomes a visible `�`. */
export const terminalLine = (text: string): string => text.replaceAll(obeyed, "\ufffd");
