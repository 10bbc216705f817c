// From settings to targets. A target is made anew only when its settings or its password have changed: the queue takes a
// new object for a reason to try at once what failed before.

import { assertNever } from "../core/errors.ts";
import type { Schedule } from "../core/schedule.ts";
import type { Target } from "./target.ts";
import { createFolderTarget, type FolderTargetOptions } from "./targets/folder.ts";
import { createFtpTarget, type FtpTargetOptions } from "./targets/ftp.ts";

/** A target with what the queue has to know of it. */
export interface QueueTarget {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly schedule: Schedule;
  /** How many files at a time; 1 where it is not said. */
  readonly concurrency?: number;
  readonly target: Target;
}

/** As in the settings. */
export type TargetSettings = Omit<QueueTarget, "target"> &
  ((FolderTargetOptions & { readonly kind: "folder" }) | (FtpTargetOptions & { readonly kind: "ftp" }));

export interface CreateTargetsParts {
  readonly settings: () => readonly TargetSettings[];
  /** A password by its name, `target-<id>`. */
  readonly secrets: (name: string) => string | undefined;
}

export function createTargets({ settings, secrets }: CreateTargetsParts): () => readonly QueueTarget[] {
  let made = new Map<string, { readonly from: string; readonly target: Target }>();
  return () => {
    const current: typeof made = new Map();
    const list = settings().map((each) => {
      const { name, enabled, schedule, concurrency, ...options } = each;
      const password = each.kind === "folder" ? undefined : secrets(`target-${each.id}`);
      const from = JSON.stringify([options, password]);
      const known = made.get(each.id);
      const target = known?.from === from ? known.target : createTarget(each, password);
      current.set(each.id, { from, target });
      return {
        id: each.id,
        name,
        enabled,
        schedule,
        target,
        ...(concurrency === undefined ? {} : { concurrency }),
      };
    });
    made = current;
    return list;
  };
}

export function createTarget(settings: TargetSettings, password: string | undefined): Target {
  switch (settings.kind) {
    case "folder":
      return createFolderTarget(settings);
    case "ftp":
      return createFtpTarget(settings, password);
    default:
      return assertNever(settings);
  }
}
