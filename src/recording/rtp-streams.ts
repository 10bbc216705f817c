// Which stream of RTP (SSRC) is heard from each channel that is being recorded. A phone may begin another one without a
// word (a re-INVITE, another network); only RTCP shows it, and Asterisk 22 may not record what comes since.

import type { ChannelInCall } from "../core/call.ts";
import type { AmiActions } from "../pbx/ami-actions.ts";

export type HeardChannel = Pick<ChannelInCall, "uniqueid" | "name">;

export interface RtpStreams {
  /** A recording begins, or begins anew, with these channels: their streams of now are those that it can hear. */
  begin(channels: readonly HeardChannel[]): void;
  /** True for another stream than the one known of a channel that is recorded; that one is known from now on. */
  isAnother(channelUniqueid: string, ssrc: number): boolean;
}

export function createRtpStreams({ heardSsrc }: Pick<AmiActions, "heardSsrc">): RtpStreams {
  /** Undefined for a channel that has not said yet what is heard from it. */
  let known = new Map<string, number | undefined>();
  return {
    begin(channels) {
      const asked = new Map<string, number | undefined>();
      known = asked;
      for (const { uniqueid, name } of channels) {
        asked.set(uniqueid, undefined);
        heardSsrc(name).then(
          (ssrc) => asked.set(uniqueid, ssrc ?? asked.get(uniqueid)),
          () => undefined,
        );
      }
    },
    isAnother(channelUniqueid, ssrc) {
      if (!known.has(channelUniqueid)) return false;
      const before = known.get(channelUniqueid);
      known.set(channelUniqueid, ssrc);
      return before !== undefined && before !== ssrc;
    },
  };
}
