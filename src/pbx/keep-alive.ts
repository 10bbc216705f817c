// Half of a connection can vanish without a word (a firewall that forgets, a PBX that hangs): only a question tells.
// Asks at a steady pace, and says so when no answer comes.
import { PbxError } from "../core/errors.ts";
import type { Clock } from "./clock.ts";

export interface KeepAliveOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  /** Resolves with the answer; rejects as `pbx-timeout` when none came. */
  readonly ping: () => Promise<unknown>;
  readonly onSilence: () => void;
}

/** Returns the function that ends it. */
export function startKeepAlive({ clock, everyMs, ping, onSilence }: KeepAliveOptions): () => void {
  let cancelTimer = () => {};
  let ended = false;

  function schedule(): void {
    if (!ended) cancelTimer = clock.after(everyMs, () => void ask());
  }

  async function ask(): Promise<void> {
    try {
      await ping();
    } catch (error) {
      // Any other failure (too many actions are waiting, say) tells nothing about the connection.
      if (!ended && error instanceof PbxError && error.code === "pbx-timeout") return onSilence();
    }
    schedule();
  }

  schedule();
  return () => {
    ended = true;
    cancelTimer();
  };
}
