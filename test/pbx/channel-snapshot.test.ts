import { expect } from "chai";
import type { ListedChannel } from "../../src/pbx/ami-actions.ts";
import { type SnapshotActions, takeSnapshot } from "../../src/pbx/channel-snapshot.ts";
import { refused } from "../recording/stand-in-asterisk.ts";

const channel = (serial: number, bridgeId: string): ListedChannel => ({
  uniqueid: `1.${serial}`,
  linkedid: "1.0",
  name: `PJSIP/alice-${serial}`,
  up: true,
  callerNumber: "",
  callerName: "",
  connectedNumber: "",
  connectedName: "",
  context: "",
  exten: "",
  bridgeId,
  durationMs: 1000,
});

describe("snapshot of the PBX", () => {
  const now = new Date("2026-11-20T09:00:00Z");
  const actions = (channels: readonly ListedChannel[], change: Partial<SnapshotActions> = {}) => ({
    coreShowChannels: async () => channels,
    bridgeKinds: async () => new Map([["lot", "holding"] as const, ["room", "softmix"] as const]),
    isOnHold: async () => false,
    ...change,
  });

  it("knows who is parked, who is in a conference, and whose phones hold", async () => {
    const channels = [channel(1, "talk"), channel(2, "lot"), channel(3, "room"), channel(4, "")];
    const isOnHold = async (name: string): Promise<boolean> => name === "PJSIP/alice-1";
    const snapshot = await takeSnapshot(actions(channels, { isOnHold }), { now: () => now });
    expect(snapshot.at).to.equal(now);
    expect(snapshot.channels.map(({ bridgeKind, onHold }) => [bridgeKind, onHold])).to.deep.equal([
      ["direct", true],
      ["holding", false],
      ["softmix", false],
      ["direct", false],
    ]);
  });

  it("asks those who wait for somebody as well: a caller can hold while he is put through", async () => {
    const isOnHold = async (): Promise<boolean> => true;
    const snapshot = await takeSnapshot(actions([channel(1, "")], { isOnHold }), { now: () => now });
    expect(snapshot.channels.map(({ onHold }) => onHold)).to.deep.equal([true]);
  });

  it("asks many channels without asking all of them at once", async () => {
    let [open, most] = [0, 0];
    const isOnHold = async (): Promise<boolean> => {
      open += 1;
      most = Math.max(most, open);
      await new Promise(setImmediate);
      open -= 1;
      return true;
    };
    const channels = Array.from({ length: 350 }, (_, serial) => channel(serial, "talk"));
    const snapshot = await takeSnapshot(actions(channels, { isOnHold }), { now: () => now });
    expect(snapshot.channels.map(({ uniqueid }) => uniqueid)).to.deep.equal(
      channels.map(({ uniqueid }) => uniqueid),
    );
    expect(snapshot.channels.every(({ onHold }) => onHold)).to.equal(true);
    expect(most).to.equal(100);
  });

  it("fails where the connection does", async () => {
    const isOnHold = async (): Promise<boolean> => {
      throw refused("pbx-connection-lost");
    };
    const error = await takeSnapshot(actions([channel(1, "talk")], { isOnHold }), { now: () => now }).catch(
      (reason: unknown) => reason,
    );
    expect(error).to.include({ code: "pbx-connection-lost" });
  });
});
