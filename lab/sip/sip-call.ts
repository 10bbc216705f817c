// One call of the SIP phone: the dialog (RFC 3261) with its audio, from the first INVITE to the BYE, and what people
// do in between: hold, digits, transfers (RFC 3515, RFC 3891).

import { withinMs } from "../deadline.ts";
import { LabError } from "../lab-error.ts";
import type { RtpNumbering, RtpStream } from "./rtp-stream.ts";
import { answerTo, type Direction, formatSdp, parseSdp } from "./sdp.ts";
import { type Dialog, referHeaders, requestHeaders, responseHeaders } from "./sip-dialog.ts";
import { type SipHeaders, type SipMessage, uriOf } from "./sip-message.ts";
import { newBranch, type SipTransport } from "./sip-transport.ts";

export interface SipCall {
  readonly id: string;
  /** From of an incoming call, To of an outgoing one, as it came over the wire. */
  readonly remoteParty: string;
  readonly rtp: RtpStream;
  readonly isOver: boolean;
  /** Outgoing only: the PBX lets the called party ring. False when it ended before. */
  ringing(timeoutMs?: number): Promise<boolean>;
  /** False when it ended without an answer. */
  answered(timeoutMs?: number): Promise<boolean>;
  /** The SIP status that an unanswered outgoing call ended with, 487 for a cancelled one, 200 otherwise. */
  ended(timeoutMs?: number): Promise<number>;
  /** Incoming only. */
  answer(): Promise<void>;
  reject(status?: number, reason?: string): void;
  /** Incoming only: 302, the PBX is to ring there instead. */
  forward(number: string): void;
  /** CANCEL before the answer, BYE after it. */
  hangUp(): Promise<void>;
  /** Nothing is sent and nothing heard from now on. */
  hold(): Promise<void>;
  /** With numbers, the RTP restarts. */
  resume(numbering?: RtpNumbering): Promise<void>;
  /** A re-INVITE without a change of direction; with numbers, the RTP restarts with it. */
  reinvite(numbering?: RtpNumbering): Promise<void>;
  press(digits: string): Promise<void>;
  /**
   * REFER: the PBX is to connect the other side with `number`. Returns the status of the answer, 202 as a rule. Let them
   * hear each other first: in the 2 ms between answer and bridge Asterisk accepts it and then does nothing (NOTIFY 400).
   */
  transfer(number: string): Promise<number>;
  /** REFER with Replaces: the PBX is to connect the other sides of both calls. */
  transferTo(number: string, consultation: SipCall): Promise<number>;
  heard(): Int16Array;
}

/** What the phone needs of a call beside what its user needs. */
export interface SipCallControl extends SipCall {
  readonly dialog: Dialog;
  /** Sends the INVITE and takes the answer; for outgoing calls. */
  invite(extra: SipHeaders): Promise<void>;
  onRequest(request: SipMessage): void;
  onStrayResponse(response: SipMessage): void;
  discard(): void;
}

const ANSWER_TIMEOUT_MS = 20_000;
const END_TIMEOUT_MS = 60_000;
const CANCELLED = 487;
const MOVED = 302;

export function createSipCall(
  transport: SipTransport,
  rtp: RtpStream,
  dialog: Dialog,
  incoming: SipMessage | undefined,
  onEnd: () => void,
): SipCallControl {
  let state: "ringing" | "answered" | "over" = "ringing";
  let sdpVersion = 0;
  /** The PBX has said something of our INVITE; before that there is nothing to cancel (RFC 3261, section 9.1). */
  let isKnown = false;
  let noteRinging: (ringing: boolean) => void = () => {};
  let noteAnswer: (answered: boolean) => void = () => {};
  let noteEnd: (status: number) => void = () => {};
  const ringing = new Promise<boolean>((resolve) => {
    noteRinging = resolve;
  });
  const answer = new Promise<boolean>((resolve) => {
    noteAnswer = resolve;
  });
  const end = new Promise<number>((resolve) => {
    noteEnd = resolve;
  });
  const inviteBranch = newBranch();

  const ourSdp = (direction: Direction = "sendrecv") => {
    sdpVersion += 1;
    return formatSdp(rtp.port, direction, sdpVersion);
  };
  const headers = (method: string, extra: SipHeaders = []) => requestHeaders(dialog, method, extra);
  const respond = (to: SipMessage, status: number, reason: string, body = "") =>
    transport.respond(to, status, reason, responseHeaders(dialog), body);
  function listenTo(message: SipMessage): Direction {
    const offer = parseSdp(message.body);
    if (offer === undefined) return "sendrecv";
    rtp.sendTo(offer.port);
    return answerTo(offer.direction);
  }
  function enter(next: "answered" | "over", status = 200): void {
    if (state === "over") return;
    noteRinging(next === "answered");
    noteAnswer(next === "answered" || state === "answered");
    state = next;
    if (next === "answered") return;
    noteEnd(status);
    rtp.close();
    onEnd();
  }
  async function request(method: string, extra: SipHeaders = [], body = ""): Promise<SipMessage> {
    dialog.cseq += 1;
    return transport.request(method, dialog.remoteTarget, headers(method, extra), { body });
  }
  const acknowledge = () => transport.sendWithoutResponse("ACK", dialog.remoteTarget, headers("ACK"));

  async function reinvite(direction: Direction): Promise<void> {
    const response = await request("INVITE", [], ourSdp(direction));
    acknowledge();
    if (response.status !== 200) throw refused("re-INVITE", response);
    listenTo(response);
  }

  async function refer(number: string, replaced?: Dialog): Promise<number> {
    return (await request("REFER", referHeaders(dialog, number, replaced))).status;
  }
  async function hangUp(): Promise<void> {
    if (state === "over") return;
    if (state === "ringing" && !isKnown && incoming === undefined) {
      enter("over", 0);
      return;
    }
    if (state === "ringing" && incoming === undefined) {
      transport.sendWithoutResponse("CANCEL", dialog.remoteTarget, headers("CANCEL"), inviteBranch);
      await withinMs("end of the cancelled call", 5_000, end);
      return;
    }
    const goodbye = request("BYE");
    enter("over");
    await goodbye;
  }

  return {
    id: dialog.callId,
    dialog,
    rtp,
    get remoteParty() {
      return dialog.remoteParty;
    },
    get isOver() {
      return state === "over";
    },
    ringing: (timeoutMs = ANSWER_TIMEOUT_MS) => withinMs("ringing of the SIP call", timeoutMs, ringing),
    answered: (timeoutMs = ANSWER_TIMEOUT_MS) => withinMs("answer of the SIP call", timeoutMs, answer),
    ended: (timeoutMs = END_TIMEOUT_MS) => withinMs("end of the SIP call", timeoutMs, end),

    async invite(extra) {
      const response = await transport.request("INVITE", dialog.remoteTarget, headers("INVITE", extra), {
        body: ourSdp(),
        branch: inviteBranch,
        timeoutMs: 70_000,
        onProvisional(status) {
          isKnown = true;
          if (status >= 180) noteRinging(true);
        },
      });
      dialog.remoteParty = response.first("to");
      if (response.status !== 200) {
        transport.sendWithoutResponse("ACK", dialog.remoteTarget, headers("ACK"), inviteBranch);
        enter("over", response.status);
        return;
      }
      dialog.remoteTarget = uriOf(response.first("contact"));
      acknowledge();
      listenTo(response);
      enter("answered");
    },
    async answer() {
      if (incoming === undefined || state !== "ringing") return;
      const direction = listenTo(incoming);
      respond(incoming, 200, "OK", ourSdp(direction));
      await withinMs("ACK of the PBX", 5_000, answer);
    },
    reject(status = 486, reason = "Busy Here") {
      if (incoming === undefined || state !== "ringing") return;
      respond(incoming, status, reason);
      enter("over", status);
    },
    forward(number) {
      if (incoming === undefined || state !== "ringing") return;
      const host = dialog.remoteTarget.replace(/^sips?:([^@]*@)?/, "").replace(/[;?].*$/, "");
      const headers: SipHeaders = [
        ["To", dialog.localParty],
        ["Contact", `<sip:${number}@${host}>`],
      ];
      transport.respond(incoming, MOVED, "Moved Temporarily", headers);
      enter("over", MOVED);
    },
    hangUp,
    async hold() {
      rtp.mute(true);
      rtp.deafen(true);
      await reinvite("sendonly");
    },
    async resume(numbering) {
      if (numbering !== undefined) rtp.restart(numbering);
      await reinvite("sendrecv");
      rtp.deafen(false);
      rtp.mute(false);
    },
    async reinvite(numbering) {
      if (numbering !== undefined) rtp.restart(numbering);
      await reinvite("sendrecv");
    },
    async press(digits) {
      for (const digit of digits) await rtp.sendDigit(digit);
    },
    transfer: (number) => refer(number),
    transferTo: (number, consultation) => refer(number, (consultation as SipCallControl).dialog),
    heard: () => rtp.heard(),

    onRequest(message) {
      switch (message.startLine.split(" ")[0]) {
        case "ACK":
          enter("answered");
          return;
        case "CANCEL":
          respond(message, 200, "OK");
          if (incoming !== undefined && state === "ringing") {
            respond(incoming, CANCELLED, "Request Terminated");
            enter("over", CANCELLED);
          }
          return;
        case "INVITE":
        case "UPDATE":
          respond(message, 200, "OK", message.body === "" ? "" : ourSdp(listenTo(message)));
          return;
        case "BYE":
          respond(message, 200, "OK");
          enter("over");
          return;
        case "NOTIFY":
          respond(message, 200, "OK");
          // The transfer is through: the PBX now waits for our BYE, as it does with desk phones.
          if (/^SIP\/2\.0 2\d\d/.test(message.body)) hangUp().catch(() => {});
          return;
        default: // OPTIONS, INFO
          respond(message, 200, "OK");
      }
    },
    onStrayResponse(response) {
      if (response.method === "INVITE" && response.status === 200) acknowledge();
    },
    discard() {
      enter("over", 0);
    },
  };
}

function refused(what: string, response: SipMessage): LabError {
  return new LabError(`${what}: the PBX answered ${response.startLine}`, {
    code: "lab-sip-refused",
    hint: "The PBX's log says why.",
  });
}
