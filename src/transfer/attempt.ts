// One attempt at one job, with everything that can end it: the target's answer, the watchdog, the stop of the module, and
// a target that does not even react to being aborted, as a call into a share whose server is gone.

import { transferError } from "./failures.ts";
import { createStallWatchdog } from "./stall-watchdog.ts";
import type { Delivery, OutgoingFile, Progress, Target } from "./target.ts";

export type AttemptResult =
  | { readonly kind: "delivered"; readonly delivery: Delivery }
  | { readonly kind: "failed"; readonly error: unknown }
  /** The module stops: nothing is known of the delivery, nothing is wrong with it. */
  | { readonly kind: "interrupted" };

export interface AttemptParts {
  readonly target: Target;
  readonly file: () => Promise<OutgoingFile>;
  readonly attempt: number;
  readonly stop: AbortSignal;
  readonly stallMs: number;
  /** How long an aborted attempt may take to come back. */
  readonly graceMs: number;
  onProgress(progress: Progress): void;
  /** The attempt is over for the queue, but the target still hangs in it until `end`. */
  onHanging(end: Promise<void>): void;
}

/** Never rejects. */
export async function runAttempt(parts: AttemptParts): Promise<AttemptResult> {
  const { target, attempt, stop, stallMs, graceMs } = parts;
  const aborting = new AbortController();
  const abort = (reason: unknown): void => aborting.abort(reason);
  const onStop = (): void => abort(transferError("interrupted", "the module stops"));
  stop.addEventListener("abort", onStop);
  if (stop.aborted) onStop();
  const watchdog = createStallWatchdog(stallMs, () =>
    abort(transferError("stalled", `no progress within ${stallMs / 1000} s`)),
  );

  const sending = (async () => {
    const file = await parts.file();
    aborting.signal.throwIfAborted();
    return target.send(file, {
      attempt,
      signal: aborting.signal,
      onProgress(progress) {
        watchdog.moved(progress);
        parts.onProgress(progress);
      },
    });
  })();

  try {
    return { kind: "delivered", delivery: await untilAbandoned(sending, aborting.signal, graceMs, parts) };
  } catch (error) {
    return stop.aborted ? { kind: "interrupted" } : { kind: "failed", error };
  } finally {
    watchdog.stop();
    stop.removeEventListener("abort", onStop);
  }
}

/** The work's own end, or the reason of the abort where the work has not come back within the grace. */
function untilAbandoned<T>(
  work: Promise<T>,
  signal: AbortSignal,
  graceMs: number,
  { onHanging }: AttemptParts,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const ended = work.then(resolve, reject).finally(() => clearTimeout(timer));
    const giveGrace = (): void => {
      timer = setTimeout(() => {
        onHanging(ended);
        reject(signal.reason);
      }, graceMs);
    };
    if (signal.aborted) giveGrace();
    else signal.addEventListener("abort", giveGrace, { once: true });
  });
}
