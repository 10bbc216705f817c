// Which stream of RTP (SSRC) is heard from each channel that is being recorded. A phone may begin another one without a
// word (a re-INVITE, another network); only RTCP shows it, and Asterisk 22 may not record what comes since.

import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelInCall } from "../core/call.ts";
import type { AmiActions } from "../pbx/ami-actions.ts";

export type HeardChannel = Pick<ChannelInCall, "uniqueid" | "name">;

export interface RtpStreams {
  /** A recording begins, or begins anew, with these channels: their streams of now are those that it can hear. */
  begin(channels: readonly HeardChannel[]): void;
  /** The recording has ended: nobody is asked any more. */
  end(): void;
  /** True for another stream than the one known of a channel that is recorded; that one is known from now on. */
  isAnother(channelUniqueid: string, ssrc: number): boolean;
}

/** At the answer nothing may have been heard of a phone yet: it is asked again until something was. */
const askAgainAfterMs = 100;
const mostQuestions = 20;

export function createRtpStreams({ heardSsrc }: Pick<AmiActions, "heardSsrc">): RtpStreams {
  /** Undefined for a channel that has not said yet what is heard from it. */
  let known = new Map<string, number | undefined>();
  return {
    begin(channels) {
      const asked = new Map<string, number | undefined>();
      known = asked;
      const ask = async ({ uniqueid, name }: HeardChannel): Promise<void> => {
        for (let question = 1; question <= mostQuestions; question++) {
          const ssrc = await heardSsrc(name).catch(() => undefined);
          // Another beginning has overtaken this one, or a report the answer.
          if (known !== asked || asked.get(uniqueid) !== undefined) return;
          asked.set(uniqueid, ssrc);
          if (ssrc !== undefined) return;
          await sleep(askAgainAfterMs, undefined, { ref: false });
        }
      };
      for (const channel of channels) {
        asked.set(channel.uniqueid, undefined);
        void ask(channel);
      }
    },
    end() {
      known = new Map();
    },
    isAnother(channelUniqueid, ssrc) {
      if (!known.has(channelUniqueid)) return false;
      const before = known.get(channelUniqueid);
      known.set(channelUniqueid, ssrc);
      return before !== undefined && before !== ssrc;
    },
  };
}
