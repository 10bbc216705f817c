// Gives the transfer queue its targets from the settings, its files from the spool and its voice in the conditions.

import type { Conditions } from "./core/conditions.ts";
import type { JournalDb } from "./journal/journal.ts";
import type { Secrets } from "./settings/secrets.ts";
import type { SettingsStore } from "./settings/store.ts";
import type { Spool } from "./spool/spool.ts";
import { createTargets } from "./transfer/create-targets.ts";
import type { TransferLog } from "./transfer/lane.ts";
import { createOutgoingFiles } from "./transfer/outgoing-files.ts";
import { createTransferQueue, type TransferQueue } from "./transfer/queue.ts";

export interface DeliverySideParts {
  readonly db: JournalDb;
  readonly spool: Spool;
  readonly settings: SettingsStore;
  readonly secrets: Secrets;
  readonly conditions: Conditions;
  readonly log: TransferLog;
}

export function createDelivery(parts: DeliverySideParts): TransferQueue {
  const { db, spool, settings, secrets, conditions, log } = parts;
  const queue = createTransferQueue({
    db,
    conditions,
    log,
    clock: { now: () => new Date() },
    timeZone: () => settings.current().timeZone,
    files: createOutgoingFiles({ db, pathOf: spool.transferPath }),
    targets: createTargets({ settings: () => settings.current().targets, secrets: secrets.get }),
  });
  settings.onChange(queue.wake);
  return queue;
}
