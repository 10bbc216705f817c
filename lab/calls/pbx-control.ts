// What phones cannot do alone: transfers that the PBX is told of by AMI, and the space in which somebody was parked.

import type { Asterisk } from "../asterisk.ts";
import { waitUntil } from "../deadline.ts";
import { endpointIn, type Leg, type Room } from "./room.ts";

export interface PbxControl {
  blindTransfer(by: Leg, number: string): Promise<void>;
  /**
   * One after the other, for pickups, from the first ring on: where several ring that are to be picked up, Asterisk 22.10 may
   * fall into a deadlock, in which it answers neither phones nor AMI any more, also where no module is attached (measured).
   */
  inTurn<T>(task: () => Promise<T>): Promise<T>;
  /** Ask before it happens; the extension by which the parked one is taken back. */
  nextParking(room: Room): Promise<string>;
}

export function pbxControlOf(pbx: Asterisk): PbxControl {
  /** Of all channels of the endpoint, the one with the phone's own Call-ID. */
  async function channelOf(leg: Leg): Promise<string> {
    const answer = await pbx.cli("core show channels concise");
    const prefix = `PJSIP/${endpointIn(leg.room.number, leg.who)}-`;
    for (const name of answer.split("\n").map((line) => line.split("!")[0] ?? "")) {
      if (!name.startsWith(prefix)) continue;
      const variable = "CHANNEL(pjsip,call-id)";
      const { Value } = await pbx.ami.request("Getvar", { Channel: name, Variable: variable });
      if (Value === leg.call.id) return name;
    }
    return "";
  }

  let last: Promise<unknown> = Promise.resolve();
  return {
    inTurn(task) {
      const own = last.then(task, task);
      last = own.catch(() => {});
      return own;
    },
    async blindTransfer(by, number) {
      const channel = await waitUntil("the channel to transfer", async () => {
        const name = await channelOf(by);
        return name === "" ? undefined : name;
      });
      await pbx.ami.action("BlindTransfer", { Channel: channel, Context: "from-internal", Exten: number });
    },
    async nextParking(room) {
      const { ParkingSpace = "" } = await pbx.ami.nextEvent(
        `parking in room ${room.number}`,
        (event) => event.Event === "ParkedCall" && (event.Parkinglot ?? "").endsWith(String(room.number)),
      );
      return ParkingSpace;
    },
  };
}
