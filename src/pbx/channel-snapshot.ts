// What the PBX knows now, as one event for the call tracker: its channels, which of them are parked, and whose phones
// hold the other side. Events that arrive after the question have to be applied after the answer.

import type { CallEvent, SnapshotChannel } from "../core/call-event.ts";
import type { AmiActions, ListedChannel } from "./ami-actions.ts";
import type { Clock } from "./clock.ts";

export type Snapshot = Extract<CallEvent, { type: "Snapshot" }>;

export type SnapshotActions = Pick<AmiActions, "coreShowChannels" | "bridgeKinds" | "isOnHold">;

/** Asterisk answers each within a fraction of a millisecond; far below the limit of pending actions. */
const questionsAtOnce = 100;

/** Rejects with a PbxError where the PBX does not answer. */
export async function takeSnapshot(actions: SnapshotActions, clock: Pick<Clock, "now">): Promise<Snapshot> {
  const listed = await actions.coreShowChannels();
  const kinds = await actions.bridgeKinds();
  const channels: SnapshotChannel[] = [];
  const describe = async (channel: ListedChannel): Promise<SnapshotChannel> => ({
    ...channel,
    bridgeKind: kinds.get(channel.bridgeId) ?? "direct",
    // Also of who is in no bridge: a caller may hold while he is put through, and still do so when somebody answers.
    onHold: await actions.isOnHold(channel.name),
  });
  for (let from = 0; from < listed.length; from += questionsAtOnce)
    channels.push(...(await Promise.all(listed.slice(from, from + questionsAtOnce).map(describe))));
  return { type: "Snapshot", at: clock.now(), channels };
}
