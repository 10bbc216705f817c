// What one would write in an afternoon on top of asterisk-manager: a Map of calls by linkedid, recorded from the moment
// when a member of the group is in a bridge with somebody, forgotten when the last channel is hung up. It knows nothing of
// who hears whom: no hold, no Local channels, no direction, no reason why not, and a call that a transfer merges with
// another one is lost to it, since its channels are then hung up under the other's linkedid.

import type { Contender } from "./tracker-contender.ts";

interface ScriptedCall {
  readonly channels: Map<string, { readonly name: string; bridgeId: string }>;
  recordedChannel: string;
}

const group = /^PJSIP\/(alice|bob)-/;

export function createPlainScript(): Contender {
  const calls = new Map<string, ScriptedCall>();
  let [begun, recorded] = [0, 0];

  return {
    apply(event) {
      if (!("channel" in event)) return;
      const { linkedid, uniqueid, name } = event.channel;
      const call = calls.get(linkedid);
      if (event.type === "Newchannel") {
        if (call === undefined) begun++;
        const seen: ScriptedCall = call ?? { channels: new Map(), recordedChannel: "" };
        calls.set(linkedid, seen);
        seen.channels.set(uniqueid, { name, bridgeId: "" });
      }
      if (call === undefined) return;
      const channel = call.channels.get(uniqueid);
      if (event.type === "BridgeLeave" && channel !== undefined) channel.bridgeId = "";
      if (event.type === "BridgeEnter" && channel !== undefined) {
        channel.bridgeId = event.bridgeId;
        const inside = [...call.channels.values()].filter((one) => one.bridgeId === event.bridgeId);
        const member = inside.find((one) => group.test(one.name));
        if (inside.length > 1 && member !== undefined && call.recordedChannel === "") {
          call.recordedChannel = member.name;
          recorded++;
        }
      }
      if (event.type === "Hangup") {
        call.channels.delete(uniqueid);
        if (call.channels.size === 0) calls.delete(linkedid);
      }
    },
    get calls() {
      return begun;
    },
    get recorded() {
      return recorded;
    },
  };
}
