// The SIP phone against a real PBX: what it sends is understood, and what it hears is what was said.

import { expect } from "chai";
import { waitUntil } from "../../../lab/deadline.ts";
import { type Lab, startLab } from "../../../lab/lab.ts";
import { createSipPhone, type SipPhone } from "../../../lab/sip/sip-phone.ts";
import { heardMs } from "../../../lab/sound/tone.ts";

for (const version of [22, 16] as const) {
  describe(`SIP phone on Asterisk ${version}`, function () {
    this.timeout(60_000);
    let lab: Lab;
    let phone: SipPhone;
    let carrier: SipPhone;

    before(async function () {
      this.timeout(300_000);
      lab = await startLab({ version });
      phone = await createSipPhone({ pbxPort: lab.sipPort, name: "sip1", plays: 1500 });
      carrier = await createSipPhone({ pbxPort: lab.sipPort, name: "carrier", registers: false, plays: 700 });
    });
    after(async () => {
      phone?.stop();
      carrier?.stop();
      await lab?.stop();
    });
    afterEach(() => lab.idle());

    const carrierHeader = ["X-Carrier", "yes"] as const;

    it("calls a phone of the world and hears it", async () => {
      await lab.phone("alice", { answerAfterMs: 100, plays: "tone1000" });
      const call = await phone.call("10");
      await waitUntil("half a second of alice", () => heardMs(call.heard(), 1000) > 500);
      await call.hangUp();
    });

    it("is called, and both hear each other across hold and resume", async () => {
      const ring = phone.nextCall();
      const dialled = await carrier.dial({ to: "121", fromUser: "0301", headers: [carrierHeader] });
      const call = await ring;
      await call.answered();
      await waitUntil(
        "both voices",
        () => heardMs(call.heard(), 700) > 200 && heardMs(dialled.heard(), 1500) > 200,
      );
      await call.hold();
      const before = heardMs(dialled.heard(), 1500);
      await call.resume();
      await waitUntil("the voice after the hold", () => heardMs(dialled.heard(), 1500) > before + 200);
      await dialled.hangUp();
      expect(await call.ended()).to.equal(200);
    });

    it("hears nothing while it holds the line", async () => {
      const ring = phone.nextCall();
      const dialled = await carrier.dial({ to: "121", headers: [carrierHeader] });
      const call = await ring;
      await waitUntil("the caller", () => heardMs(call.heard(), 700) > 100);
      await call.hold();
      const before = call.heard().length;
      await waitUntil("music at the other end", () => heardMs(dialled.heard().slice(-800), 1500) === 0);
      expect(call.heard().length).to.equal(before);
      await dialled.hangUp();
    });

    it("sends a caller on by 302", async () => {
      await lab.phone("bob", { answerAfterMs: 100, plays: "tone1000" });
      const ring = phone.nextCall();
      const dialled = await carrier.dial({ to: "121", headers: [carrierHeader] });
      const call = await ring;
      call.forward("11");
      await waitUntil("bob", () => heardMs(dialled.heard(), 1000) > 200);
      expect(await call.ended()).to.equal(302);
      await dialled.hangUp();
    });

    it("sends digits", async () => {
      const ring = phone.nextCall();
      const dialled = await carrier.call("121", { headers: [carrierHeader] });
      const call = await ring;
      await dialled.press("4#");
      await waitUntil("two digits", () => call.rtp.digitsHeard() === "4#");
      await dialled.hangUp();
    });

    it("transfers a caller blindly, and is out of the call", async () => {
      await lab.phone("bob", { answerAfterMs: 100, plays: "tone1000" });
      const ring = phone.nextCall();
      const dialled = await carrier.call("121", { headers: [carrierHeader] });
      const call = await ring;
      await waitUntil("the caller", () => heardMs(call.heard(), 700) > 100);
      expect(await call.transfer("11")).to.equal(202);
      await call.ended();
      await waitUntil("bob", () => heardMs(dialled.heard(), 1000) > 200);
      await dialled.hangUp();
    });

    it("connects its caller with whom it consulted", async () => {
      await lab.phone("carol", { answerAfterMs: 100, plays: "tone1000" });
      const ring = phone.nextCall();
      const dialled = await carrier.call("121", { headers: [carrierHeader] });
      const call = await ring;
      await waitUntil("the caller", () => heardMs(call.heard(), 700) > 100);
      await call.hold();
      const consultation = await phone.call("12");
      await waitUntil("carol, in the consultation", () => heardMs(consultation.heard(), 1000) > 100);
      expect(await call.transferTo("12", consultation)).to.equal(202);
      await consultation.ended();
      await waitUntil("carol", () => heardMs(dialled.heard(), 1000) > 200);
      await dialled.hangUp();
    });

    it("learns that a phone is busy, and gives up on one that nobody takes", async () => {
      await lab.phone("alice", "busy");
      expect(await (await phone.dial({ to: "10" })).ended()).to.equal(486);
      await lab.phone("alice", "no-answer");
      const abandoned = await phone.dial({ to: "10" });
      expect(await abandoned.ringing()).to.equal(true);
      await abandoned.hangUp();
      expect(await abandoned.ended()).to.equal(487);
    });

    it("brings a hostile name with folded lines to the PBX", async () => {
      await lab.phone("alice", "no-answer");
      const seen = lab.pbx.ami.nextEvent("the carrier's channel", ({ Event, Channel }) => {
        return Event === "Newchannel" && Channel?.startsWith("PJSIP/carrier") === true;
      });
      const identity = '"\\"$(touch x)`;,..\r\n /<script>\\"" <sip:+49301@127.0.0.1>';
      const call = await carrier.dial({
        to: "101",
        headers: [carrierHeader, ["P-Asserted-Identity", identity]],
      });
      const event = await seen;
      expect(event.CallerIDNum).to.equal("+49301");
      // The fold became a blank; Asterisk escapes names for AMI as C does.
      expect(event.CallerIDName).to.equal('\\\\\\"$(touch x)`;,.. /<script>\\\\\\"');
      await call.hangUp();
    });

    it("forges a header of an AMI event by a line break in its number", async () => {
      await lab.phone("alice", "no-answer");
      const seen = new Promise<string>((resolve) => {
        const stop = lab.pbx.ami.onEvent((event, raw) => {
          if (event.Event !== "Newchannel" || event.Channel?.startsWith("PJSIP/carrier") !== true) return;
          stop();
          resolve(raw);
        });
      });
      const call = await carrier.dial({
        to: "101",
        fromHeader: "<sip:030%0d%0aUniqueid%3a%20666.6@127.0.0.1>",
        headers: [carrierHeader],
      });
      expect(await seen).to.include("CallerIDNum: 030\r\nUniqueid: 666.6\r\n");
      await call.hangUp();
    });
  });
}
