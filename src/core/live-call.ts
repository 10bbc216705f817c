// A call that goes on, as a person wants to see it: who with whom, since when, and what the recording is doing.

import type { Reason } from "./reason.ts";
import type { Direction } from "./rule.ts";

export interface LiveCall {
  /** The journal's id. */
  readonly id: string;
  readonly startedAt: Date;
  readonly answeredAt: Date | undefined;
  readonly direction: Direction | undefined;
  readonly fromNumber: string;
  readonly fromName: string;
  readonly toNumber: string;
  readonly memberExtension: string | undefined;
  readonly state: LiveCallState;
}

export type LiveCallState =
  | { readonly kind: "ringing" }
  | { readonly kind: "recording" }
  /** Due, but nobody may be heard now: on hold, parked, between two peers. */
  | { readonly kind: "suspended" }
  | { readonly kind: "not-recorded"; readonly reason: Reason }
  | { readonly kind: "failed"; readonly reason: Reason };
