// Which stream of RTP (SSRC) is heard from each channel that is being recorded. A phone may begin another one without a
// word (a re-INVITE, a resume); only RTCP shows it, and Asterisk 22 may not record what comes since (see facts in
// docs/how-it-works.md).

export interface RtpStreams {
  /** The stream that was heard when the recording began, or began anew. */
  note(channelUniqueid: string, ssrc: number | undefined): void;
  /** True for another stream than the one known; that one is known from now on. */
  isAnother(channelUniqueid: string, ssrc: number): boolean;
  clear(): void;
}

export function createRtpStreams(): RtpStreams {
  const known = new Map<string, number>();
  return {
    note(channelUniqueid, ssrc) {
      if (ssrc !== undefined) known.set(channelUniqueid, ssrc);
    },
    isAnother(channelUniqueid, ssrc) {
      const before = known.get(channelUniqueid);
      known.set(channelUniqueid, ssrc);
      return before !== undefined && before !== ssrc;
    },
    clear: () => known.clear(),
  };
}
