// Tells the operator that somebody outside forges messages of the PBX, as long as it goes on and some minutes more. The
// forgeries themselves have been seen through (event-form, event-mender).
import type { Conditions, Problem } from "../core/conditions.ts";
import type { Clock } from "./clock.ts";
import type { Tampering } from "./event-mender.ts";

const subject = "pbx-forged-events";
const quietAfterMs = 10 * 60_000;

const hint =
  "Have the trunk or the session border controller refuse numbers with control characters (%0d, %0a), and let the " +
  "dialplan match digits only: a pattern like `_X.` takes anything.";
const seenThrough: Problem = {
  code: "pbx-forged-events",
  message:
    "a number from outside imitates messages of the PBX; that was seen through, and the call is followed",
  hint,
};
const lost: Problem = {
  ...seenThrough,
  message:
    "a number from outside imitates messages of the PBX; some could not be used, that call may not be recorded",
};

export interface TamperingWatch {
  noticed(tampering: Tampering): void;
  /** Takes back its timer. */
  stop(): void;
}

export function createTamperingWatch({
  conditions,
  clock,
}: {
  conditions: Conditions;
  clock: Clock;
}): TamperingWatch {
  let cancelClear = (): void => undefined;
  let hasLost = false;
  return {
    noticed({ isMended }) {
      hasLost ||= !isMended;
      conditions.raise(subject, hasLost ? lost : seenThrough, clock.now());
      cancelClear();
      cancelClear = clock.after(quietAfterMs, () => {
        hasLost = false;
        conditions.clear(subject);
      });
    },
    stop: () => cancelClear(),
  };
}
