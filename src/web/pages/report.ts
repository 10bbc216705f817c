// The report for a period: a look at its first rows, and the whole of it as a CSV file.

import { pipeline } from "node:stream/promises";
import { createReportCells, reportColumns, reportCsv } from "../../report/report-csv.ts";
import { countReportRows, type ReportRow, reportRows } from "../../report/report-rows.ts";
import { addDays, dayOf, dayRange, isDay } from "../../words/calendar-days.ts";
import type { Words } from "../../words/words.ts";
import { textOf } from "../forms/form-body.ts";
import type { PageContext } from "../page.ts";

const previewRows = 20;

/** Days of the settings' time zone, both inclusive. */
export interface DayPeriod {
  readonly from: string;
  readonly to: string;
}

export const periodNames = ["today", "yesterday", "this-week", "this-month", "last-month"] as const;

/** The periods that people ask for. Weeks begin on Monday. */
export function namedPeriods(today: string): Readonly<Record<(typeof periodNames)[number], DayPeriod>> {
  const weekday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7;
  const firstOfMonth = `${today.slice(0, 8)}01`;
  const lastOfLastMonth = addDays(firstOfMonth, -1);
  return {
    today: { from: today, to: today },
    yesterday: { from: addDays(today, -1), to: addDays(today, -1) },
    "this-week": { from: addDays(today, -weekday), to: today },
    "this-month": { from: firstOfMonth, to: today },
    "last-month": { from: `${lastOfLastMonth.slice(0, 8)}01`, to: lastOfLastMonth },
  };
}

/** What is wrong with the days, as a sentence; undefined where nothing is. */
export function periodProblem(words: Words, { from, to }: DayPeriod): string | undefined {
  if (!isDay(from))
    return words("report.bad-date", { field: words("report.from"), value: from.slice(0, 40) });
  if (!isDay(to)) return words("report.bad-date", { field: words("report.to"), value: to.slice(0, 40) });
  return from > to ? words("report.bad-order", { from, to }) : undefined;
}

async function firstRows(rows: AsyncIterable<ReportRow>, limit: number): Promise<ReportRow[]> {
  const first: ReportRow[] = [];
  for await (const row of rows) {
    first.push(row);
    if (first.length >= limit) break;
  }
  return first;
}

export function reportPage(context: PageContext): void {
  const { app, services, now } = context;

  app.get("/report", async (req, res) => {
    const reader = context.reader(req);
    const { words, language, timeZone } = reader;
    const named = namedPeriods(dayOf(now().getTime(), timeZone));
    const period: DayPeriod = {
      from: textOf(req.query, "from") || named["this-month"].from,
      to: textOf(req.query, "to") || named["this-month"].to,
    };
    const problem = periodProblem(words, period);
    const range = problem === undefined ? dayRange(period.from, period.to, timeZone) : undefined;
    const cellsOf = createReportCells({ language, timeZone });
    const [rows, count] =
      range === undefined
        ? [[], 0]
        : await Promise.all([
            firstRows(reportRows(services.db, range), previewRows),
            countReportRows(services.db, range),
          ]);
    await context.show(req, res, {
      view: "report/page",
      title: words("report.title"),
      section: "report",
      status: problem === undefined ? 200 : 400,
      data: {
        period,
        problem,
        periods: periodNames.map((name) => ({ name, ...named[name] })),
        columns: reportColumns,
        rows: rows.map((row) => ({ callId: row.callId, cells: cellsOf(row) })),
        count,
        downloadHref: `/report.csv?${new URLSearchParams({ from: period.from, to: period.to })}`,
      },
    });
  });

  app.get("/report.csv", async (req, res) => {
    const period: DayPeriod = { from: textOf(req.query, "from"), to: textOf(req.query, "to") };
    const problem = periodProblem(context.reader(req).words, period);
    if (problem !== undefined) {
      res.status(400).type("text").send(`${problem}\n`);
      return;
    }
    const { language, timeZone, report } = services.settings.current();
    const name = context.reader(req).words("report.file-name", { from: period.from, to: period.to });
    res.attachment(name).type("text/csv; charset=utf-8");
    const rows = reportRows(services.db, dayRange(period.from, period.to, timeZone));
    await pipeline(reportCsv(rows, { language, timeZone, separator: report.separator }), res).catch(
      (error: NodeJS.ErrnoException) => {
        // Whoever closes the download early is no error; any other leaves a file that is visibly cut off.
        if (error.code !== "ERR_STREAM_PREMATURE_CLOSE")
          context.log.error({ err: error }, "report broke off");
      },
    );
  });
}
