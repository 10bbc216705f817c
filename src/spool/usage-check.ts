// Compares the running sums with the disk: corrects them, says so in the log, and raises a condition where so much has
// come or gone behind the module's back that somebody should look.

import type { Conditions } from "../core/conditions.ts";
import type { DiskUsage } from "./disk-usage.ts";

export interface UsageCheck {
  /** Rejects where the folders cannot be read. */
  check(): Promise<void>;
  /** Whether the last comparison found much: then the next one is due soon. */
  deviates(): boolean;
}

export interface UsageCheckParts {
  readonly usage: Pick<DiskUsage, "compare">;
  readonly transferFolder: string;
  readonly conditions: Pick<Conditions, "raise" | "clear">;
  readonly log: { info(fields: object, message: string): void };
  readonly now: () => Date;
}

const bytesPerMiB = 1024 * 1024;
/** Almost two hours of talk: more than anybody takes away for a test. */
const worthALookMiB = 100;
const subject = "spool-usage";

export function createUsageCheck({
  usage,
  transferFolder,
  conditions,
  log,
  now,
}: UsageCheckParts): UsageCheck {
  let isMuch = false;
  return {
    deviates: () => isMuch,
    async check() {
      const { openBytes, transferBytes } = await usage.compare();
      if (openBytes !== 0 || transferBytes !== 0)
        log.info(
          { openBytes, transferBytes },
          "space in use corrected: the disk has other files than expected",
        );
      const mib = Math.round(transferBytes / bytesPerMiB);
      isMuch = Math.abs(mib) >= worthALookMiB;
      if (!isMuch) return conditions.clear(subject);
      const change = mib < 0 ? `${-mib} MiB were taken out of` : `${mib} MiB were put into`;
      conditions.raise(
        subject,
        {
          code: "spool-changed-behind",
          message: `${change} ${transferFolder}, and not by Mitschnitt`,
          hint: "Look who did that: what is taken away there before it is delivered is lost. If it was you, nothing has to be done; this is gone within an hour or so.",
        },
        now(),
      );
    },
  };
}
