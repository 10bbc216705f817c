// What bounds an AMI connection: how long each wait may take, and how much may pile up.

export interface AmiLimits {
  readonly maxMessageBytes: number;
  readonly maxPendingActions: number;
  /** From the TCP connect to the answer to the login. */
  readonly loginTimeoutMs: number;
  readonly responseTimeoutMs: number;
  readonly listTimeoutMs: number;
  readonly pingEveryMs: number;
  readonly pingTimeoutMs: number;
}

// Together, pingEveryMs and pingTimeoutMs bound how long a dead connection can go unnoticed: 25 s.
export const defaultLimits: AmiLimits = {
  maxMessageBytes: 1024 * 1024,
  maxPendingActions: 1_000,
  loginTimeoutMs: 10_000,
  responseTimeoutMs: 10_000,
  listTimeoutMs: 30_000,
  pingEveryMs: 15_000,
  pingTimeoutMs: 10_000,
};
