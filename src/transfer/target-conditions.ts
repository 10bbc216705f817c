// Tells the operator, once, when a target fails as a whole and when files are held, and that it is over. The held ones
// are counted in the journal, so that a restart does not forget them.

import type { Conditions } from "../core/conditions.ts";
import type { JobError } from "../core/transfer-job.ts";
import { lastErrorOf, waitingJobs } from "../journal/job-lists.ts";
import type { JournalDb } from "../journal/journal.ts";

export type RaisedConditions = Pick<Conditions, "raise" | "clear">;

export interface TargetConditionsParts {
  readonly db: JournalDb;
  readonly clock: { now(): Date };
  readonly conditions: RaisedConditions | undefined;
}

const targetSubject = (targetId: string): string => `target:${targetId}`;
const heldSubject = (targetId: string): string => `held:${targetId}`;

export function createTargetConditions({ db, clock, conditions }: TargetConditionsParts) {
  const told = new Set<string>();
  const raise = (subject: string, error: JobError): void => {
    told.add(subject);
    conditions?.raise(subject, error, clock.now());
  };
  const clear = (subject: string): void => {
    told.delete(subject);
    conditions?.clear(subject);
  };

  return {
    targetFails: (targetId: string, name: string, error: JobError): void =>
      raise(targetSubject(targetId), { ...error, message: `${name}: ${error.message}` }),
    targetWorks: (targetId: string): void => clear(targetSubject(targetId)),

    /** Counts what is held, and forgets what was told of targets that are gone or switched off. */
    async refresh(
      targets: readonly { readonly id: string; readonly name: string; readonly enabled: boolean }[],
    ) {
      const waiting = await waitingJobs(db);
      const enabled = targets.filter((target) => target.enabled);
      for (const { id, name } of enabled) {
        const held = waiting.get(id)?.counts.hold ?? 0;
        const error = held > 0 ? await lastErrorOf(db, id, "hold") : undefined;
        if (error === undefined) clear(heldSubject(id));
        else
          raise(heldSubject(id), {
            code: "transfers-held",
            message: `${name}: ${held} held, among them: ${error.message}`,
            hint: error.hint,
          });
      }
      const current = new Set(enabled.flatMap(({ id }) => [targetSubject(id), heldSubject(id)]));
      for (const subject of told) if (!current.has(subject)) clear(subject);
    },
  };
}
