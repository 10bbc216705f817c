// What the pages may ask for and do. `main` hands in an object of this shape; the pages know nothing else of the module.

import type { CleanupReport, CleanupRequest } from "../core/cleanup.ts";
import type { Condition } from "../core/conditions.ts";
import type { LiveCall } from "../core/live-call.ts";
import type { OutcomeKind } from "../core/outcome.ts";
import type { JournalDb } from "../journal/journal.ts";
import type { Secrets } from "../settings/secrets.ts";
import type { SettingsStore } from "../settings/store.ts";

export type PbxConnection =
  | { readonly state: "connecting" }
  | { readonly state: "connected"; readonly since: Date; readonly asteriskVersion: string }
  | { readonly state: "waiting"; readonly nextTryAt: Date }
  | { readonly state: "stopped" };

export interface SpaceUsage {
  /** Recordings in progress. */
  readonly openBytes: number;
  /** Finished recordings in the transfer folder. */
  readonly transferBytes: number;
  readonly freeBytes: number;
}

export interface DeliveryStatus {
  readonly targetId: string;
  readonly targetName: string;
  readonly state: "idle" | "running" | "unreachable";
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly onHold: number;
  readonly done: number;
  readonly oldestWaitingSince: Date | undefined;
  readonly nextRunAt: Date | undefined;
  readonly lastError: { readonly code: string; readonly message: string; readonly hint: string } | undefined;
}

export interface WebServices {
  readonly version: string;
  readonly db: JournalDb;
  readonly settings: SettingsStore;
  readonly secrets: Secrets;
  pbx(): PbxConnection;
  conditions(): readonly Condition[];
  liveCalls(): readonly LiveCall[];
  space(): Promise<SpaceUsage>;
  deliveries(): Promise<readonly DeliveryStatus[]>;
  /** Sends what waits now, whatever the schedule; for one target or for all. */
  deliverNow(targetId?: string): void;
  /** Ends stuck recordings, or says which are; throws a PbxError where the PBX cannot be asked. Takes seconds. */
  cleanup(request: CleanupRequest): Promise<CleanupReport>;
  /** Anything that the overview shows has changed. Listeners are called at most a few times a second. */
  onChange(listener: () => void): () => void;
  /** The recording's file on this machine, inside the spool; undefined when it is not (or no longer) here. */
  recordingFile(recordingId: string): Promise<{ readonly path: string; readonly name: string } | undefined>;
}

export type OutcomeCounts = Readonly<Record<OutcomeKind, number>>;
