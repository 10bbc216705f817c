// The list of calls with their recordings: newest first, searched by number or name, day and outcome.

import type { OutcomeKind } from "../../core/outcome.ts";
import { type CallCursor, searchCalls } from "../../journal/calls-search.ts";
import { isJournalId } from "../../journal/recordings-search.ts";
import { addDays, dayOf, isDay, startOfDay } from "../../words/calendar-days.ts";
import { textOf } from "../forms/form-body.ts";
import { withQuery } from "../http/local-path.ts";
import type { PageContext } from "../page.ts";
import { shownCalls } from "./call-rows.ts";

const callsPerPage = 50;
const outcomes: readonly OutcomeKind[] = ["recorded", "declined", "not-due", "failed"];

/** What the search form holds, as it was typed. */
interface SearchForm {
  readonly text: string;
  readonly from: string;
  readonly to: string;
  readonly outcome: OutcomeKind | undefined;
}

const readForm = (query: unknown): SearchForm => ({
  text: textOf(query, "q").slice(0, 80),
  from: textOf(query, "from").slice(0, 40),
  to: textOf(query, "to").slice(0, 40),
  outcome: outcomes.find((kind) => kind === textOf(query, "outcome")),
});

const cursorText = ({ startedAt, id }: CallCursor): string => `${startedAt}-${id}`;

function readCursor(query: unknown): CallCursor | undefined {
  const [startedAt = "", id] = textOf(query, "before").split("-");
  return /^\d{1,15}$/.test(startedAt) && isJournalId(id) ? { startedAt: Number(startedAt), id } : undefined;
}

export function recordingsPage(context: PageContext): void {
  const { app, services, now } = context;

  app.get("/recordings", async (req, res) => {
    const reader = context.reader(req);
    const { words, timeZone } = reader;
    const form = readForm(req.query);
    const before = readCursor(req.query);
    const badDate = (text: string): string | undefined =>
      text === "" || isDay(text) ? undefined : words("recordings.bad-date", { value: text });
    const errors = { from: badDate(form.from), to: badDate(form.to) };
    const hasErrors = errors.from !== undefined || errors.to !== undefined;
    const page = hasErrors
      ? { calls: [], next: undefined, unfinished: false }
      : await searchCalls(services.db, {
          text: form.text,
          outcome: form.outcome,
          fromMs: form.from === "" ? undefined : startOfDay(form.from, timeZone),
          toMs: form.to === "" ? undefined : startOfDay(addDays(form.to, 1), timeZone),
          before,
          limit: callsPerPage,
        });
    const today = dayOf(now().getTime(), timeZone);
    await context.show(req, res, {
      view: "recordings/page",
      title: words("recordings.title"),
      section: "recordings",
      status: hasErrors ? 400 : 200,
      scripts: ["player.js"],
      data: {
        form,
        errors,
        hasErrors,
        outcomes,
        calls: await shownCalls(services, reader, page.calls),
        isSearch: form.text !== "" || form.from !== "" || form.to !== "" || form.outcome !== undefined,
        isFirstPage: before === undefined,
        newestHref: withQuery(req.originalUrl, "before", undefined),
        olderHref: page.next && withQuery(req.originalUrl, "before", cursorText(page.next)),
        searchedUntil: page.unfinished && page.next ? page.next.startedAt : undefined,
        dayName: (atMs: number): string => {
          const day = dayOf(atMs, timeZone);
          if (day === today) return words("recordings.today");
          if (day === addDays(today, -1)) return words("recordings.yesterday");
          return reader.formats.date(atMs);
        },
      },
    });
  });
}
