import { expect } from "chai";
import { replay, rule } from "../support/replay.ts";
import { readTrace } from "../support/trace.ts";

// desk11 and desk12 are in the rule; desk15, line11 and the Local channels between them are not.
const members = ["desk11", "desk12"].map((name, index) => ({
  extension: `31${index + 1}`,
  name: "",
  endpoints: [`PJSIP/${name}`],
}));

/** What becomes of the recordings, in order: on which channel who may be heard, `-` for nobody. */
const expected: Readonly<Record<string, string>> = {
  "hold-by-called": "desk11: line11, desk11: -, desk11: line11",
  "hold-by-caller": "desk11: line11, desk11: -, desk11: line11",
  "blind-refer": "desk11: line11, desk12: line11",
  "blind-ami": "desk11: line11, desk12: line11",
  "blind-dtmf": "desk11: line11, desk11: -, desk11: line11, desk12: line11",
  "attended-refer": "desk11: line11, desk11: -, desk11: desk12, desk11: line11, desk12: line11",
  "attended-refer-cancelled": "desk11: line11, desk11: -, desk11: desk12, desk11: line11",
  "attended-refer-busy": "desk11: line11, desk11: -, desk11: line11",
  "attended-dtmf": "desk11: line11, desk11: -, desk11: desk12, desk12: line11",
  "attended-dtmf-cancelled": "desk11: line11, desk11: -, desk11: desk12, desk11: line11",
  "attended-dtmf-busy": "desk11: line11, desk11: -, desk11: line11",
  forward: "desk12: line11",
  "pickup-directed": "desk11: line11",
  "pickup-group": "desk11: line11",
  park: "desk11: line11, desk12: line11",
  "park-dtmf": "desk11: line11, desk12: line11",
  "park-timeout": "desk11: line11, desk11: line11",
  queue: "desk11: line11",
  "ring-group": "desk11: line11",
  conference: "desk11: line11, desk12: desk11+line11, desk11: line11+desk12, desk11: line11",
  "local-optimised": "desk11: line11",
  "local-stays": "desk11: line11",
  "second-call": "desk11: line11, desk11: -, desk11: desk15, desk11: line11",
  "rtp-restart": "desk11: line11",
  "rtp-restart-on-resume": "desk11: line11, desk11: -, desk11: line11",
};

const endpointName = (endpoint: string): string => endpoint.replace("PJSIP/", "");

for (const version of ["a22", "a16"]) {
  describe(`moves as ${version === "a22" ? "Asterisk 22" : "Asterisk 16"} told them`, () => {
    for (const [move, wanted] of Object.entries(expected)) {
      it(`${move}: records the member with whom he talks, and nobody else`, () => {
        const { steps, outcomes, unfinished } = replay(
          readTrace(`${version}-${move}`),
          [rule({ members })],
          !move.startsWith("attended-dtmf"),
        );
        const done = steps.map(({ channel, wanted: { heard } }) => {
          const others = heard.map((peer) => endpointName(peer.endpoint)).join("+");
          return `${endpointName(channel)}: ${others || "-"}`;
        });
        expect(done.join(", ")).to.equal(wanted);
        expect(unfinished).to.deep.equal([]);
        expect([...outcomes.values()].map(({ kind }) => kind)).to.include("recorded");
      });
    }
  });
}
