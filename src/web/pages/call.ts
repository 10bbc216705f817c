// One call: its facts, what was decided and why, its recordings and where each of them was delivered.

import { findCall } from "../../journal/calls-search.ts";
import { isJournalId } from "../../journal/recordings-search.ts";
import type { PageContext } from "../page.ts";
import { shownCalls } from "./call-rows.ts";

export function callPage(context: PageContext): void {
  const { app, services } = context;

  app.get("/calls/:id", async (req, res, next) => {
    const { id } = req.params;
    const row = isJournalId(id) ? await findCall(services.db, id) : undefined;
    if (row === undefined) {
      next();
      return;
    }
    const reader = context.reader(req);
    const [call] = await shownCalls(services, reader, [row]);
    await context.show(req, res, {
      view: "call/page",
      title: reader.words("call.title"),
      section: "recordings",
      scripts: ["player.js"],
      data: { call },
    });
  });
}
