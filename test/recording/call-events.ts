// The events of one incoming call from the trunk to alice, to be sent step by step.

import type { CallEvent, ChannelFacts } from "../../src/core/call-event.ts";

export function incomingCall(serial = 1, number = "0301234567") {
  const linkedid = `100.${serial}`;
  const channel = (uniqueid: string, name: string, callerNumber: string, exten: string): ChannelFacts => ({
    uniqueid,
    linkedid,
    name: `${name}-${String(serial).padStart(8, "0")}`,
    up: true,
    callerNumber,
    callerName: "",
    connectedNumber: "",
    connectedName: "",
    context: "from-trunk",
    exten,
  });
  const trunk = channel(linkedid, "PJSIP/trunk", number, "100");
  const alice = channel(`${linkedid}1`, "PJSIP/alice", "10", "s");
  const bridgeId = `bridge-${serial}`;
  const at = (): Date => new Date();
  return {
    linkedid,
    trunk,
    alice,
    rings: (): CallEvent[] => [
      { type: "Newchannel", at: at(), channel: trunk },
      { type: "Newchannel", at: at(), channel: alice },
      { type: "DialBegin", at: at(), caller: trunk, callee: alice },
    ],
    isAnswered: (): CallEvent[] => [
      { type: "DialEnd", at: at(), caller: trunk, callee: alice, status: "ANSWER" },
      { type: "BridgeEnter", at: at(), bridgeId, bridgeKind: "direct", channel: alice },
      { type: "BridgeEnter", at: at(), bridgeId, bridgeKind: "direct", channel: trunk },
    ],
    isHeld: (): CallEvent[] => [{ type: "Hold", at: at(), channel: alice }],
    isResumed: (): CallEvent[] => [{ type: "Unhold", at: at(), channel: alice }],
    ends: (): CallEvent[] => [
      { type: "BridgeLeave", at: at(), bridgeId, channel: alice },
      { type: "Hangup", at: at(), channel: alice, cause: 16 },
      { type: "Hangup", at: at(), channel: trunk, cause: 16 },
    ],
    inSnapshot: () =>
      [trunk, alice].map((facts) => ({
        ...facts,
        bridgeId,
        bridgeKind: "direct" as const,
        onHold: false,
        durationMs: 5000,
      })),
  };
}
