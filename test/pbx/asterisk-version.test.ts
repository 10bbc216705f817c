import { expect } from "chai";
import { losesRestartedRtp } from "../../src/pbx/asterisk-version.ts";

describe("Asterisk's version", () => {
  it("tells which ones lose a voice when RTP begins anew", () => {
    const sound = ["16.28.0~dfsg-0+deb11u4", "13.38.3", "certified/13.21", "certified-16.8.0", "1.8.32"];
    expect(sound.map(losesRestartedRtp)).to.deep.equal(sound.map(() => false));
    const losing = ["22.10.1+dfsg", "18.20.1", "20.9.0", "certified/20.7", "17.0.0"];
    expect(losing.map(losesRestartedRtp)).to.deep.equal(losing.map(() => true));
  });

  it("takes one that it cannot read for one that does, since the repair costs less than the defect", () => {
    expect(["", "GIT-master-4711", "twenty"].map(losesRestartedRtp)).to.deep.equal([true, true, true]);
  });
});
