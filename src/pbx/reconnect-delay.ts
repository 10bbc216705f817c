// How long to wait before the next attempt to reach the PBX: pure, so that the schedule can be read in a test.

export interface ReconnectDelay {
  /** Attempts that have failed since the last stable connection, at least 1. */
  readonly failures: number;
  /** The PBX answered and said no: each attempt is a line in its log, and fail2ban counts them (5 in 10 minutes). */
  readonly refused: boolean;
  /** From 0 to 1: spreads clients that lost the same PBX at the same moment. */
  readonly random: number;
}

const unreachable = { firstMs: 1_000, capMs: 60_000 };
const refusedLogin = { firstMs: 30_000, capMs: 300_000 };

export function reconnectDelayMs({ failures, refused, random }: ReconnectDelay): number {
  const { firstMs, capMs } = refused ? refusedLogin : unreachable;
  const grownMs = Math.min(capMs, firstMs * 2 ** Math.min(failures - 1, 16));
  return Math.round(grownMs * (0.75 + 0.25 * random));
}
