// What an administrator asks for: whose conversations are recorded, in which directions. Plain data; the settings
// schema (settings/schema) makes and checks it, recording-decision applies it.

export type Direction = "incoming" | "outgoing" | "internal";

/** A member of a group: his extension, and the endpoints (`PJSIP/alice`) by which the PBX reaches him. */
export interface Member {
  readonly extension: string;
  readonly name: string;
  readonly endpoints: readonly string[];
}

export interface Rule {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly members: readonly Member[];
  readonly directions: Readonly<Record<Direction, boolean>>;
  /** While somebody is on hold or parked: nothing is recorded, or it goes on. */
  readonly whileOnHold: "stop" | "record";
  /** When the call goes on without any member: nothing more is recorded, or it goes on with whoever was outside. */
  readonly afterLeaving: "stop" | "record";
}

/** The part of the PBX that the core has to know: whatever comes through one of these endpoints is outside. */
export interface Dialling {
  /** Endpoints of the trunks, as `PJSIP/trunk`. */
  readonly trunks: readonly string[];
}
