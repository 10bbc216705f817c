// Makes a text safe for a spreadsheet, which takes a cell that begins with one of `= + - @` for a formula and runs it
// (CWE-1236). A number like +49301234567 stays as it is: nothing but digits after a plus is only a number.

/** Also the full-width forms, which Excel takes for the same in some languages. */
const formulaStart = /^[=+\-@＝＋－＠]/;
const plainNumber = /^\+\d{1,32}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: tabs and line breaks are what is looked for
const controlCharacters = /[\u0000-\u001f\u007f\u2028\u2029]+/g;

/** Line breaks and tabs become spaces; what could be a formula gets the apostrophe by which spreadsheets mark text. */
export function csvCell(text: string): string {
  const oneLine = text.replaceAll(controlCharacters, " ").trim();
  return formulaStart.test(oneLine) && !plainNumber.test(oneLine) ? `'${oneLine}` : oneLine;
}
