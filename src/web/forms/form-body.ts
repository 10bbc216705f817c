// A form's fields as they arrive: unknown, until they are read here as plain text.

const field = (body: unknown, name: string): unknown =>
  typeof body === "object" && body !== null && Object.hasOwn(body, name)
    ? (body as Record<string, unknown>)[name]
    : undefined;

/** Exactly what was sent; for passwords, in which a space counts. A field that is sent twice is nothing. */
export function rawTextOf(body: unknown, name: string): string {
  const value = field(body, name);
  return typeof value === "string" ? value : "";
}

export const textOf = (body: unknown, name: string): string => rawTextOf(body, name).trim();

export const checkedOf = (body: unknown, name: string): boolean => textOf(body, name) !== "";

/** A JSON body's true; anything else is false. */
export const flagOf = (body: unknown, name: string): boolean => field(body, name) === true;

/** A whole number; any other text stays a text, so that the schema can say what it got. */
export function numberOf(body: unknown, name: string): number | string {
  const text = textOf(body, name);
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}

/** The lines that have something in them. */
export const linesOf = (body: unknown, name: string): string[] =>
  rawTextOf(body, name)
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
