// Which recordings in progress no live call owns. Pure: facts of each recording, the PBX's own list of channels and how
// long is too long go in; what can be freed comes out, with the reason. When in doubt a recording is left alone.

import { isLocalName, otherHalfOf } from "./call.ts";
import type { SnapshotChannel } from "./call-event.ts";

export type StuckReason =
  /** The PBX has no such channel. */
  | "channel-gone"
  /** The channel is there, but for long nobody to talk with. */
  | "channel-leaked"
  /** The PBX is said to write, but the file does not grow: nobody sends audio. */
  | "not-growing";

/** What is known of one recording that has a row. Undefined: does not apply now. */
export interface RecordingInProgress {
  readonly recordingId: string;
  readonly callId: string;
  readonly channelUniqueid: string;
  /** For how long there has been no conversation on its channel; a call on hold is one. */
  readonly lonelyForMs: number | undefined;
  /** For how long its file has not grown although the PBX is said to write it. */
  readonly quietForMs: number | undefined;
}

export interface StuckRecording {
  readonly recordingId: string;
  readonly callId: string;
  readonly reason: StuckReason;
}

export interface StuckFacts {
  readonly recordings: readonly RecordingInProgress[];
  /** As the PBX lists them, asked after the recordings were looked at. */
  readonly channels: readonly PbxChannel[];
  readonly stuckAfterMs: number;
  /** Then no file grows, whoever talks. */
  readonly diskFull: boolean;
}

export type PbxChannel = Pick<SnapshotChannel, "uniqueid" | "name" | "bridgeId">;

export function stuckRecordings(facts: StuckFacts): readonly StuckRecording[] {
  const bridges = createBridgeView(facts.channels);
  return facts.recordings.flatMap((recording) => {
    const reason = reasonOf(recording, bridges, facts);
    const { recordingId, callId } = recording;
    return reason === undefined ? [] : [{ recordingId, callId, reason }];
  });
}

function reasonOf(
  { channelUniqueid, lonelyForMs = 0, quietForMs = 0 }: RecordingInProgress,
  bridges: BridgeView,
  { stuckAfterMs, diskFull }: StuckFacts,
): StuckReason | undefined {
  if (!bridges.has(channelUniqueid)) return "channel-gone";
  if (lonelyForMs >= stuckAfterMs && !bridges.isInCompany(channelUniqueid)) return "channel-leaked";
  if (quietForMs >= stuckAfterMs && !diskFull) return "not-growing";
  return undefined;
}

interface BridgeView {
  has(uniqueid: string): boolean;
  /** It talks with somebody, or waits in a bridge for somebody: parked, first in a conference. */
  isInCompany(uniqueid: string): boolean;
}

/** Bridges as the PBX lists them, seen through Local channels. */
function createBridgeView(channels: readonly PbxChannel[]): BridgeView {
  const byId = new Map(channels.map((channel) => [channel.uniqueid, channel]));
  const byName = new Map(channels.map((channel) => [channel.name, channel]));
  const byBridge = new Map<string, PbxChannel[]>();
  for (const channel of channels) {
    if (channel.bridgeId === "") continue;
    const together = byBridge.get(channel.bridgeId);
    if (together === undefined) byBridge.set(channel.bridgeId, [channel]);
    else together.push(channel);
  }

  const nextTo = (channel: PbxChannel): readonly PbxChannel[] => {
    const inBridge = byBridge.get(channel.bridgeId) ?? [];
    const half = isLocalName(channel.name) ? byName.get(otherHalfOf(channel.name)) : undefined;
    return half === undefined ? inBridge : [...inBridge, half];
  };

  return {
    has: (uniqueid) => byId.has(uniqueid),
    isInCompany(uniqueid) {
      const reached = new Set([byId.get(uniqueid)].filter((channel) => channel !== undefined));
      for (const channel of reached) {
        const isAlone = byBridge.get(channel.bridgeId)?.length === 1;
        if (isAlone || (channel.uniqueid !== uniqueid && !isLocalName(channel.name))) return true;
        for (const next of nextTo(channel)) reached.add(next);
      }
      return false;
    },
  };
}
