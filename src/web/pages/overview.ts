// The overview: one sentence, problems, four tiles, calls that go on, today by outcome; rendered whole for the first
// look and in fragments for the live updates.

import type { OutcomeKind } from "../../core/outcome.ts";
import { roughDuration } from "../../words/formats.ts";
import { conditionText, reasonText } from "../../words/reason-words.ts";
import { detachSession } from "../access/session.ts";
import { idleMs } from "../access/session-store.ts";
import type { Fragments, LiveHub } from "../live/live-hub.ts";
import { createLiveHub } from "../live/live-hub.ts";
import { gatherOverview, type OverviewModel } from "../live/overview-model.ts";
import { sentenceText } from "../live/sentence-words.ts";
import type { PageContext } from "../page.ts";
import { type Reader, readerIn } from "../reader.ts";
import type { Render, ViewData } from "../rendering/render.ts";

const fragmentNames = ["sentence", "problems", "tiles", "calls", "today"] as const;

/** In the order of the bar, the good one first. */
const outcomeOrder: readonly OutcomeKind[] = ["recorded", "declined", "not-due", "failed"];

const viewData = (model: OverviewModel, { words, formats }: Reader): ViewData => ({
  model,
  sentence: sentenceText(words, model.sentence),
  problems: model.conditions.map((condition) => ({ condition, ...conditionText(words, condition) })),
  reasonText: (reason: Parameters<typeof reasonText>[1]) => reasonText(words, reason),
  roughly: (durationMs: number) => roughDuration(words, durationMs),
  /** The day is left out where it is today. */
  when: (at: Date) =>
    formats.date(at.getTime()) === formats.date(model.now.getTime())
      ? formats.timeOfDay(at.getTime())
      : formats.dateTime(at.getTime()).slice(0, -3),
  outcomes: outcomeOrder.map((kind) => ({ kind, count: model.today.counts[kind] })),
});

export function overviewPage(context: PageContext, render: Render): LiveHub {
  const { app, services, log, now } = context;

  const fragments = async (reader: Reader): Promise<Fragments> => {
    const data = { ...viewData(await gatherOverview(services, now()), reader), ...context.common(reader) };
    const html = await Promise.all(fragmentNames.map((name) => render(`overview/${name}`, data)));
    return Object.fromEntries(fragmentNames.map((name, index) => [name, html[index] ?? ""]));
  };

  const hub = createLiveHub({
    render: (language) => fragments(readerIn(language, services.settings.current().timeZone)),
    onChange: services.onChange,
    onError: (error) => log.error({ err: error }, "live overview could not be rendered"),
    now,
  });

  app.get("/", async (req, res) => {
    const reader = context.reader(req);
    await context.show(req, res, {
      view: "overview/page",
      title: reader.words("overview.title"),
      section: "overview",
      scripts: ["live.js"],
      data: viewData(await gatherOverview(services, now()), reader),
    });
  });

  app.get("/live", (req, res) => {
    const viewer = {
      sessionId: req.sessionID,
      language: context.reader(req).language,
      expiresAt: new Date(now().getTime() + idleMs),
    };
    detachSession(req);
    const connected = hub.connect(res, viewer);
    // Anything but 200 keeps the browser from asking again and again.
    if (!connected) res.status(503).type("text").send("503: too many open overviews\n");
  });

  return hub;
}
