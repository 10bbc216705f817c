// Stuck recordings: shows what would be freed, and why, and frees it. Nothing is ended by force here.

import type { Request, Response } from "express";
import type { CleanedRecording } from "../../core/cleanup.ts";
import { PbxError } from "../../core/errors.ts";
import { findRecording, type RecordingRow } from "../../journal/recordings-search.ts";
import { type ConditionText, conditionText } from "../../words/reason-words.ts";
import type { PageContext } from "../page.ts";

interface StuckRow {
  readonly reason: CleanedRecording["reason"];
  /** Undefined for one that has vanished from the journal meanwhile. */
  readonly recording: RecordingRow | undefined;
}

interface CleanupView {
  readonly stuck: readonly StuckRow[];
  /** How many were freed just now. */
  readonly freed: number | undefined;
  /** Why nothing can be said: the PBX does not answer. */
  readonly problem: ConditionText | undefined;
}

/** More are freed all the same. */
const mostShown = 50;

export function cleanupPage(context: PageContext): void {
  const { app, services } = context;

  const show = (req: Request, res: Response, view: CleanupView): Promise<void> =>
    context.show(req, res, {
      view: "cleanup/page",
      title: context.reader(req).words("cleanup.title"),
      section: "overview",
      status: view.problem === undefined ? 200 : 503,
      data: { ...view, mostShown },
    });

  const rowOf = async ({ recordingId, reason }: CleanedRecording): Promise<StuckRow> => ({
    reason,
    recording: await findRecording(services.db, recordingId),
  });

  const orProblem = async (req: Request, res: Response, task: () => Promise<void>): Promise<void> => {
    try {
      await task();
    } catch (error) {
      if (!(error instanceof PbxError)) throw error;
      const problem = conditionText(context.reader(req).words, error);
      await show(req, res, { stuck: [], freed: undefined, problem });
    }
  };

  app.get("/cleanup", (req, res) =>
    orProblem(req, res, async () => {
      const { recordings } = await services.cleanup({ force: false, dryRun: true });
      const stuck = await Promise.all(recordings.map(rowOf));
      await show(req, res, { stuck, freed: freedIn(req.query.freed), problem: undefined });
    }),
  );

  app.post("/cleanup", (req, res) =>
    orProblem(req, res, async () => {
      const { recordings } = await services.cleanup({ force: false, dryRun: false });
      const freed = recordings.filter(({ state }) => state !== "left" && state !== "ended").length;
      res.redirect(303, `/cleanup?freed=${freed}`);
    }),
  );
}

const freedIn = (query: unknown): number | undefined =>
  typeof query === "string" && /^\d{1,6}$/.test(query) ? Number(query) : undefined;
