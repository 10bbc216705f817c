import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "chai";
import { createRtpStreams } from "../../src/recording/rtp-streams.ts";

describe("RTP streams of a recording", () => {
  const alice = { uniqueid: "1.1", name: "PJSIP/alice-1" };
  const streamsHearing = (ssrcs: Readonly<Record<string, number>>) =>
    createRtpStreams({ heardSsrc: async (name) => ssrcs[name] });

  it("knows another stream from the one that was heard when the recording began", async () => {
    const streams = streamsHearing({ [alice.name]: 7 });
    streams.begin([alice]);
    await nextTurn();
    expect([7, 8, 8, 7].map((ssrc) => streams.isAnother("1.1", ssrc))).to.deep.equal([
      false,
      true,
      false,
      true,
    ]);
  });

  it("takes the first report for it where the channel cannot say", async () => {
    const streams = streamsHearing({});
    streams.begin([alice]);
    await nextTurn();
    expect([7, 7, 8].map((ssrc) => streams.isAnother("1.1", ssrc))).to.deep.equal([false, false, true]);
  });

  it("has no interest in channels that are not recorded", async () => {
    const streams = streamsHearing({});
    streams.begin([alice]);
    expect([1, 2].map((ssrc) => streams.isAnother("9.9", ssrc))).to.deep.equal([false, false]);
  });

  it("forgets what was before a recording began anew, also an answer that comes late", async () => {
    let answer: (ssrc: number) => void = () => undefined;
    const streams = createRtpStreams({
      heardSsrc: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    streams.begin([alice]);
    const late = answer;
    streams.begin([alice]);
    answer(8);
    late(7);
    await nextTurn();
    expect(streams.isAnother("1.1", 8)).to.equal(false);
  });

  it("does without an answer when the connection is lost", async () => {
    const streams = createRtpStreams({ heardSsrc: () => Promise.reject(new Error("lost")) });
    streams.begin([alice]);
    await nextTurn();
    expect([7, 8].map((ssrc) => streams.isAnother("1.1", ssrc))).to.deep.equal([false, true]);
  });
});
