// A call as lists and its own page show it: the journal's rows, put together and made ready to be read.

import type { OutcomeKind } from "../../core/outcome.ts";
import type { CallRow } from "../../journal/calls-search.ts";
import {
  type DeliveryRow,
  deliveriesOfRecordings,
  type RecordingRow,
  recordingsOfCalls,
} from "../../journal/recordings-search.ts";
import { calledParty } from "../../report/report-rows.ts";
import { reasonText, storedReason } from "../../words/reason-words.ts";
import type { Reader } from "../reader.ts";
import type { WebServices } from "../services.ts";

export interface ShownRecording {
  readonly row: RecordingRow;
  /** Its file is on this machine and complete, so that it can be heard. */
  readonly isHere: boolean;
  readonly reason: string | undefined;
  readonly deliveries: readonly ShownDelivery[];
}

export interface ShownDelivery {
  readonly row: DeliveryRow;
  /** As the target is called now, or its id once it is removed. */
  readonly targetName: string;
}

export interface ShownCall {
  readonly row: CallRow;
  readonly caller: string;
  readonly called: string;
  readonly outcome: OutcomeKind | "open";
  readonly reason: string | undefined;
  readonly talkMs: number | undefined;
  readonly recordings: readonly ShownRecording[];
}

/** For the calls of one page: three queries, and a look at each recording's file. */
export async function shownCalls(
  services: Pick<WebServices, "db" | "settings" | "recordingFile">,
  { words }: Reader,
  calls: readonly CallRow[],
): Promise<readonly ShownCall[]> {
  const recordings = await recordingsOfCalls(
    services.db,
    calls.map((call) => call.id),
  );
  const all = [...recordings.values()].flat();
  const [deliveries, here] = await Promise.all([
    deliveriesOfRecordings(
      services.db,
      all.map((recording) => recording.id),
    ),
    recordingsHere(services, all),
  ]);
  const targetNames = new Map(services.settings.current().targets.map((target) => [target.id, target.name]));
  const reason = (row: { reason_code: string | null; reason_params: string | null }): string | undefined => {
    const stored = storedReason(row.reason_code, row.reason_params);
    return stored && reasonText(words, stored);
  };
  return calls.map((row) => ({
    row,
    caller: row.from_number || words("app.unknown"),
    called: calledParty(row) || words("app.unknown"),
    outcome: row.outcome ?? "open",
    reason: reason(row),
    talkMs: row.answered_at === null || row.ended_at === null ? undefined : row.ended_at - row.answered_at,
    recordings: (recordings.get(row.id) ?? []).map((recording) => ({
      row: recording,
      isHere: here.has(recording.id),
      reason: reason(recording),
      deliveries: (deliveries.get(recording.id) ?? []).map((delivery) => ({
        row: delivery,
        targetName: targetNames.get(delivery.target_id) ?? delivery.target_id,
      })),
    })),
  }));
}

async function recordingsHere(
  services: Pick<WebServices, "recordingFile">,
  recordings: readonly RecordingRow[],
): Promise<ReadonlySet<string>> {
  const finished = recordings.filter((recording) => recording.state === "finished");
  const files = await Promise.all(finished.map(({ id }) => services.recordingFile(id)));
  return new Set(finished.filter((_, index) => files[index] !== undefined).map(({ id }) => id));
}
