// Where to go next, from a value that anybody may have put into a link: always a path of these pages, never another host.

/** `/report?from=…` stays; whatever leads elsewhere becomes `/`. */
export function localPath(value: unknown): string {
  if (typeof value !== "string" || !value.startsWith("/") || value.length > 2000) return "/";
  let url: URL;
  try {
    url = new URL(value, "http://localhost");
  } catch {
    return "/";
  }
  // `//host` and `/\host` are other hosts; `/.//host` becomes one only when it is written out.
  if (url.host !== "localhost" || url.pathname.startsWith("//")) return "/";
  return url.pathname + url.search;
}

/** The same path with one value of its query replaced, or taken out. */
export function withQuery(path: string, name: string, value: string | undefined): string {
  const url = new URL(localPath(path), "http://localhost");
  if (value === undefined) url.searchParams.delete(name);
  else url.searchParams.set(name, value);
  return url.pathname + url.search;
}
