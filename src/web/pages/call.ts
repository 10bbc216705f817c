// One call: its facts, what was decided and why, its recordings and where each of them was delivered, and the timeline of
// the whole story: of this call and those that it was merged with.

import { findCall } from "../../journal/calls-search.ts";
import { isJournalId } from "../../journal/recordings-search.ts";
import { outcomeOf } from "../../report/call-lines.ts";
import { recordingNumber, type ToldCall, tellCall } from "../../report/told-call.ts";
import { formatDuration } from "../../words/formats.ts";
import { cutOffText, timelineText } from "../../words/timeline-words.ts";
import type { PageContext } from "../page.ts";
import type { Reader } from "../reader.ts";
import { shownCalls } from "./call-rows.ts";

interface ShownEntry {
  readonly clock: string;
  /** Since the story began: `0:07`. */
  readonly since: string;
  readonly dateTime: string;
  readonly text: string;
  /** Of the call that it names; undefined where it names none. */
  readonly callId: string | undefined;
}

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
    const told = await tellCall(services.db, row);
    await context.show(req, res, {
      view: "call/page",
      title: reader.words("call.title"),
      section: "recordings",
      scripts: ["player.js"],
      data: {
        call,
        timeline: shownTimeline(told, reader),
        tied: told.tied.map((other) => ({ row: other, outcome: outcomeOf(reader.words, other) })),
        numberOf: (recordingId: string) => recordingNumber(told, recordingId),
        cutOff: (kind: string) => cutOffText(reader.words, kind),
      },
    });
  });
}

function shownTimeline(told: ToldCall, { words, formats }: Reader): readonly ShownEntry[] {
  const beganMs = Math.min(told.call.started_at, ...told.tied.map((call) => call.started_at));
  const names = {
    recording: (id: string) => recordingNumber(told, id),
    call: (id: string) => id.slice(0, 8),
  };
  const known = new Set(told.tied.map(({ id }) => id));
  return told.timeline.map((entry) => {
    const atMs = entry.at.getTime();
    const named = entry.params.call;
    return {
      clock: formats.time(atMs),
      since: formatDuration(atMs - beganMs),
      dateTime: entry.at.toISOString(),
      text: timelineText(words, entry, names),
      callId: typeof named === "string" && known.has(named) ? named : undefined,
    };
  });
}
