// Storage's clockwork: the nightly comparison of the running sums with the disk, and the cleanup of stuck recordings on
// the schedule that the settings say. The sums themselves are the spool's, the cleanup is the recording side's.

import type { CleanupReport } from "./core/cleanup.ts";
import type { Conditions } from "./core/conditions.ts";
import { isRunDue, type Schedule } from "./core/schedule.ts";
import type { Recording } from "./recording/recording.ts";
import type { Settings } from "./settings/schema.ts";
import type { Spool } from "./spool/spool.ts";
import { createUsageCheck } from "./spool/usage-check.ts";
import { everyMinute } from "./transfer/minute-tick.ts";

export interface StorageSide {
  space(): Promise<SpaceInUse>;
  stop(): void;
}

export interface SpaceInUse {
  readonly openBytes: number;
  readonly transferBytes: number;
  readonly freeBytes: number;
}

export interface StorageSideParts {
  readonly spool: Pick<Spool, "usage" | "transferFolder" | "freeBytes">;
  readonly recording: Pick<Recording, "cleanup">;
  readonly settings: () => Pick<Settings, "timeZone" | "storage">;
  readonly conditions: Conditions;
  readonly log: StorageLog;
  readonly now: () => Date;
  /** Calls what it is given once a minute; returns what ends that. */
  readonly ticks?: (tick: () => Promise<void>) => () => void;
}

export interface StorageLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** When people sleep, and not at an hour that a clock change skips. */
const comparison: Schedule = { kind: "daily", time: "03:30" };
/** After a comparison that found much: when it finds nothing any more, the condition is over. */
const soon: Schedule = { kind: "interval", minutes: 60 };

export function createStorageSide(parts: StorageSideParts): StorageSide {
  const { spool, recording, settings, conditions, log, now, ticks = everyMinute } = parts;
  const { usage, transferFolder } = spool;
  const usageCheck = createUsageCheck({ usage, transferFolder, conditions, log, now });
  const watchedSince = now();
  let lastComparedAt = watchedSince;
  let lastCleanupAt = watchedSince;

  const isDue = (schedule: Schedule, lastRunAt: Date): boolean =>
    isRunDue(schedule, { lastRunAt, watchedSince }, now(), settings().timeZone);

  const compare = async (): Promise<void> => {
    lastComparedAt = now();
    await usageCheck
      .check()
      .catch((error: unknown) => log.warn({ error: String(error) }, "the spool could not be measured"));
  };

  const cleanUp = async (): Promise<void> => {
    lastCleanupAt = now();
    try {
      tell(await recording.cleanup({ force: false, dryRun: false }));
    } catch (error) {
      log.warn({ error: String(error) }, "no cleanup now, it is tried again at its next time");
    }
  };

  const tell = ({ recordings }: CleanupReport): void => {
    if (recordings.length > 0) log.info({ count: recordings.length }, "cleanup by schedule is done");
  };

  const tick = async (): Promise<void> => {
    if (isDue(usageCheck.deviates() ? soon : comparison, lastComparedAt)) await compare();
    const { schedule } = settings().storage.cleanup;
    if (schedule.kind !== "off" && isDue(schedule, lastCleanupAt)) await cleanUp();
  };

  const first = compare();
  const endTicks = ticks(tick);
  return {
    async space() {
      await first;
      return { ...usage.sums(), freeBytes: await spool.freeBytes() };
    },
    stop: endTicks,
  };
}
