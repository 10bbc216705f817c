// The few things that Mitschnitt asks of the PBX, each with its arguments checked. `File` and `Command` of MixMonitor
// reach a shell in Asterisk: a file name is only ever one that we generated, and Command is never sent.
import type { BridgeKind, ChannelFacts } from "../core/call-event.ts";
import { PbxError } from "../core/errors.ts";
import type { AmiConnection } from "./ami-connection.ts";
import { bridgeKindOf, channelFacts } from "./ami-events.ts";
import type { AmiEvent } from "./ami-message.ts";

export interface MixMonitorRequest {
  /** The channel's name, as `PJSIP/alice-00000001`. */
  readonly channel: string;
  /** Absolute path of a generated name: A–Z a–z 0–9 `/ _ . -` only. */
  readonly file: string;
  /** Go on at the end of a file that is there already, after a stop and a gap. */
  readonly append?: boolean;
}

/** A channel as CoreShowChannels lists it. */
export interface ListedChannel extends ChannelFacts {
  /** Empty while in no bridge. */
  readonly bridgeId: string;
  readonly durationMs: number;
}

export interface AmiActions {
  /**
   * Resolves when Asterisk accepted the action. That proves nothing: it opens the file later, in a thread, and a failure
   * is one line in its log. The id is for stopMixMonitor.
   */
  mixMonitor(request: MixMonitorRequest): Promise<{ readonly mixMonitorId: string }>;
  /** Without an id Asterisk stops one of several. */
  stopMixMonitor(request: { readonly channel: string; readonly mixMonitorId?: string }): Promise<void>;
  coreShowChannels(): Promise<readonly ListedChannel[]>;
  /** Kinds of the bridges that there are, by their ids. */
  bridgeKinds(): Promise<ReadonlyMap<string, BridgeKind>>;
  /** The phone of this channel has put the other side on hold. False where the channel cannot tell, or is gone. */
  isOnHold(channel: string): Promise<boolean>;
  /** SSRC of the RTP that the PBX hears from the phone of this channel; undefined where it cannot tell. */
  heardSsrc(channel: string): Promise<number | undefined>;
  coreSettings(): Promise<{ readonly asteriskVersion: string }>;
  /** Empty string where the variable is not set. Without a channel: a global variable. */
  getVar(request: { readonly variable: string; readonly channel?: string }): Promise<string>;
}

/** More channels than any PBX of this kind carries; a leak beyond it is an error, not a full memory. */
const maxChannels = 20_000;

/** Set on the recorded channel; option `i` is the only way to learn the id that StopMixMonitor needs. */
export const mixMonitorIdVariable = "MITSCHNITT_MIXMONITOR";

/** The channel is gone, or has nothing to say, or somebody took a right from the AMI user. */
const unanswerable = new Set(["pbx-no-such-channel", "pbx-refused-action", "pbx-permission-denied"]);

export function createAmiActions(connection: Pick<AmiConnection, "send" | "sendList">): AmiActions {
  const coreShowChannels = async () => {
    const events = await connection.sendList(
      { Action: "CoreShowChannels" },
      { item: "CoreShowChannel", complete: "CoreShowChannelsComplete", limit: maxChannels },
    );
    return events.map(listedChannel).filter((channel) => channel !== undefined);
  };

  /** What a channel says of itself; undefined where it has nothing to say of that, or is gone. */
  const ask = async (channel: string, about: string): Promise<string | undefined> => {
    // Only chan_pjsip knows these, and the name decides it: a refusal would be a line in Asterisk's log each time.
    if (!channel.startsWith("PJSIP/")) return undefined;
    try {
      const response = await connection.send({
        Action: "GetVar",
        Variable: `CHANNEL(${about})`,
        Channel: checkedChannel(channel),
      });
      return response.Value || undefined;
    } catch (error) {
      if (error instanceof PbxError && unanswerable.has(error.code)) return undefined;
      throw error;
    }
  };

  return {
    mixMonitor: async ({ channel, file, append = false }) => {
      const response = await connection.send({
        Action: "MixMonitor",
        Channel: checkedChannel(channel),
        File: checkedFile(file),
        options: `${append ? "a" : ""}i(${mixMonitorIdVariable})`,
      });
      return { mixMonitorId: response.MixMonitorID ?? "" };
    },
    stopMixMonitor: async ({ channel, mixMonitorId }) => {
      await connection.send({
        Action: "StopMixMonitor",
        Channel: checkedChannel(channel),
        ...(mixMonitorId ? { MixMonitorID: checkedId(mixMonitorId) } : {}),
      });
    },
    coreShowChannels,
    bridgeKinds: async () => {
      const bridges = await connection.sendList(
        { Action: "BridgeList" },
        { item: "BridgeListItem", complete: "BridgeListComplete", limit: maxChannels },
      );
      return new Map(bridges.map((bridge) => [bridge.BridgeUniqueid ?? "", bridgeKindOf(bridge)]));
    },
    isOnHold: async (channel) => (await ask(channel, "rtp,hold")) === "1",
    heardSsrc: async (channel) => {
      const ssrc = await ask(channel, "rtcp,remote_ssrc");
      // Asterisk prints it as a signed number in some versions; 0 is that of a channel that has heard nothing.
      const value = ssrc !== undefined && /^-?\d{1,10}$/.test(ssrc) ? Number(ssrc) >>> 0 : 0;
      return value === 0 ? undefined : value;
    },
    coreSettings: async () => {
      const response = await connection.send({ Action: "CoreSettings" });
      return {
        asteriskVersion: response.AsteriskVersion ?? "",
      };
    },
    getVar: async ({ variable, channel }) => {
      const response = await connection.send({
        Action: "GetVar",
        Variable: checkedVariable(variable),
        ...(channel === undefined ? {} : { Channel: checkedChannel(channel) }),
      });
      return response.Value ?? "";
    },
  };
}

function listedChannel(event: AmiEvent): ListedChannel | undefined {
  const facts = channelFacts(event);
  return facts && { ...facts, bridgeId: event.BridgeId ?? "", durationMs: durationMs(event.Duration ?? "") };
}

/** `HH:MM:SS`; a stuck channel can have more than two digits of hours. */
function durationMs(text: string): number {
  const match = /^(\d+):(\d\d):(\d\d)$/.exec(text);
  if (match === null) return 0;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}

// A comma in File begins MixMonitor's options and, after them, a shell command; `${…}` is expanded.
function checkedFile(file: string): string {
  const generated = /^(\/[A-Za-z0-9_.-]+)+$/.test(file) && file.length <= 900;
  if (generated && !/\/\.{1,2}(\/|$)/.test(file)) return file;
  throw badArgument("file", file, "an absolute path of A–Z, a–z, 0–9, / _ . - without dot folders");
}

// Names come from the PBX's own events; a comma or a control character in one is none of Asterisk's making.
function checkedChannel(channel: string): string {
  if (/^[^\p{Cc},]{1,200}$/u.test(channel)) return channel;
  throw badArgument("channel", channel, "a channel's name without commas and control characters");
}

function checkedId(id: string): string {
  if (/^[A-Za-z0-9x]{1,40}$/.test(id)) return id;
  throw badArgument("mixMonitorId", id, "the id that MixMonitor answered with");
}

function checkedVariable(variable: string): string {
  if (/^[A-Za-z0-9_]{1,80}$/.test(variable)) return variable;
  throw badArgument("variable", variable, "letters, digits and _; functions are not asked for");
}

function badArgument(name: string, value: string, expected: string): PbxError {
  return new PbxError(`${name}: expected ${expected}, got ${JSON.stringify(value.slice(0, 200))}`, {
    code: "bad-header",
    hint: "This is a fault in Mitschnitt, or an attempt to smuggle commands into the PBX. Nothing was sent.",
    permanent: true,
  });
}
