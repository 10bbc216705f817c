// The overview as an administrator sees it, from the address and the first password that the module printed.

import { visitorOf } from "./http-visitor.ts";

/** Returns a function that gets the overview's HTML. */
export async function login(address: string, password: string | undefined): Promise<() => Promise<string>> {
  const visitor = visitorOf(address);
  await visitor.get("/login");
  const answer = await visitor.post("/login", { name: "admin", password: password ?? "" });
  if (answer.status !== 303) throw new Error(`login: expected 303, got ${answer.status}`);
  return async () => (await visitor.get("/")).body;
}
