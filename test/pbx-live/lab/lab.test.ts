// The lab's office and its world: calls do what the test says, and what was said is heard.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { type Lab, startLab } from "../../../lab/lab.ts";
import { findPrompt, HEARD_SCORE } from "../../../lab/sound/prompt-finder.ts";
import { heardMs } from "../../../lab/sound/tone.ts";
import { monoOf, readWav } from "../../../lab/sound/wav.ts";

for (const version of [22, 16] as const) {
  describe(`lab with Asterisk ${version}`, function () {
    this.timeout(60_000);
    let lab: Lab;

    before(async function () {
      this.timeout(300_000);
      lab = await startLab({ version });
    });
    after(() => lab?.stop());
    afterEach(() => lab.idle());

    async function referenceRecording(): Promise<Int16Array> {
      await lab.idle(); // the last samples are written when the PBX's channel ends
      const names = await readdir(lab.pbx.monitorDir);
      return monoOf(await readWav(join(lab.pbx.monitorDir, names.sort().at(-1) ?? "")));
    }

    it("records both sides of an incoming call", async () => {
      await lab.phone("alice", { answerAfterMs: 100, plays: "tone1000" });
      const call = await lab.call({ from: "trunk", to: "ref101", plays: "tone440", hangUpAfterMs: 1_000 });
      expect(await call.ended()).to.deep.equal({ answered: true, cause: 16 });
      const recording = await referenceRecording();
      expect(heardMs(recording, 440)).to.be.within(900, 1_100);
      expect(heardMs(recording, 1000)).to.be.within(900, 1_100);
    });

    it("records two prompts at once, and not a third", async () => {
      await lab.phone("alice", { answerAfterMs: 100, plays: { prompt: "demo-moreinfo" } });
      const plays = { prompt: "demo-congrats" };
      const call = await lab.call({ from: "trunk", to: "ref101", plays, hangUpAfterMs: 3_500 });
      await call.ended();
      const recording = await referenceRecording();
      const score = async (name: string) =>
        findPrompt(recording, monoOf(await readWav(lab.promptFile(name)))).score;
      expect(await score("demo-congrats")).to.be.greaterThan(HEARD_SCORE);
      expect(await score("demo-moreinfo")).to.be.greaterThan(HEARD_SCORE);
      expect(await score("demo-echotest")).to.be.lessThan(0.25);
    });

    it("rings a group, and the first to answer gets the call", async () => {
      await lab.phone("alice", "no-answer");
      await lab.phone("bob", { answerAfterMs: 100, hangUpAfterMs: 300 });
      const call = await lab.call({ from: "trunk", to: "100" });
      expect(await call.ended()).to.deep.equal({ answered: true, cause: 16 });
    });

    it("tells busy from a call that nobody takes", async () => {
      await lab.phone("alice", "busy");
      const busy = await lab.call({ from: "trunk", to: "101" });
      expect(await busy.ended()).to.deep.equal({ answered: false, cause: 17 });
      await lab.phone("alice", "no-answer");
      const abandoned = await lab.call({ from: "trunk", to: "101", abandonAfterMs: 400 });
      expect((await abandoned.ended()).answered).to.equal(false);
    });

    it("calls inside and out, and presses keys on the way", async () => {
      await lab.phone("carol", { answerAfterMs: 100, hangUpAfterMs: 300 });
      const inside = await lab.call({ from: "alice", to: "12" });
      expect((await inside.ended()).answered).to.equal(true);
      const outside = await lab.call({ from: "alice", to: "0301234" });
      expect(await outside.answered()).to.equal(true);
      const digit = lab.pbx.ami.nextEvent(
        "digit",
        (event) => event.Event === "DTMFEnd" && event.Digit === "5",
      );
      await lab.pbx.ami.action("Events", { EventMask: "on" });
      await outside.press("5");
      await digit;
      await lab.hangUp("trunk");
      expect((await outside.ended()).cause).to.equal(16);
    });

    it("lights the lamp of a phone that talks", async () => {
      await lab.phone("alice", { answerAfterMs: 100 });
      const call = await lab.call({ from: "trunk", to: "101" });
      await call.answered();
      const state = await lab.pbx.ami.action("ExtensionState", { Exten: "10", Context: "from-internal" });
      expect(state.StatusText).to.equal("InUse");
      await call.hangUp();
    });
  });
}
