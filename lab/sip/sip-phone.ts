// A SIP phone in plain Node, for what the world's Asterisk phones cannot do: hold, REFER, RTP that restarts, a hostile
// From. It registers as an endpoint of the PBX, or calls in as the carrier. Loopback only, no authentication.

import { randomUUID } from "node:crypto";
import { timeoutError } from "../deadline.ts";
import { LabError } from "../lab-error.ts";
import { tone } from "../sound/tone.ts";
import { createRtpStream, type RtpNumbering, repeated, type Sound } from "./rtp-stream.ts";
import { createSipCall, type SipCall, type SipCallControl } from "./sip-call.ts";
import { type Dialog, newTag } from "./sip-dialog.ts";
import { quoted, type SipMessage, uriOf, wireText } from "./sip-message.ts";
import { createSipTransport } from "./sip-transport.ts";

export type { RtpNumbering } from "./rtp-stream.ts";
export type { SipCall } from "./sip-call.ts";

export interface SipPhoneOptions {
  readonly pbxPort: number;
  /** An endpoint of the PBX. */
  readonly name: string;
  /** False for the carrier, which is known by a header. */
  readonly registers?: boolean;
  /** Frequency in Hz, samples at 8 kHz that are played over and over, or what makes the sound of each call. */
  readonly plays?: number | Int16Array | (() => Sound);
  /** Of each call that does not say it itself; random where not given. */
  readonly rtp?: () => RtpNumbering;
  /** What becomes of a call that nobody takes by `nextCall`. */
  readonly incoming?: "busy" | "ring" | { readonly answerAfterMs: number };
}

export interface DialOptions {
  readonly to: string;
  /** Beginning of the From header: quotes and backslashes are escaped, everything else goes out as it is. */
  readonly displayName?: string | Buffer;
  /** The whole From header but its tag, as it is. */
  readonly fromHeader?: string | Buffer;
  /** The user part of From; the phone's name where not given. */
  readonly fromUser?: string;
  /** Further header lines, as they are. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly rtp?: RtpNumbering;
}

export interface SipPhone {
  readonly name: string;
  readonly port: number;
  /** Returns while it rings; the call tells when it is answered. */
  dial(options: DialOptions): Promise<SipCall>;
  /** Dials and waits for the answer; throws where there is none. */
  call(to: string, options?: Omit<DialOptions, "to">): Promise<SipCall>;
  /** The next call that comes in, as soon as it rings. */
  nextCall(timeoutMs?: number): Promise<SipCall>;
  stop(): void;
}

const TONE_MS = 1_000;
const RING_TIMEOUT_MS = 20_000;

export async function createSipPhone(options: SipPhoneOptions): Promise<SipPhone> {
  const { pbxPort, name } = options;
  const newSound = soundsOf(options.plays);
  const calls = new Map<string, SipCallControl>();
  const waiting: ((call: SipCall) => void)[] = [];
  const timers = new Set<NodeJS.Timeout>();
  const transport = await createSipTransport(pbxPort, {
    onRequest: (request) => void receive(request),
    onStrayResponse: (response) => calls.get(response.first("call-id"))?.onStrayResponse(response),
  });
  const contact = `<sip:${name}@127.0.0.1:${transport.port}>`;
  const pbx = `127.0.0.1:${pbxPort}`;

  async function receive(request: SipMessage): Promise<void> {
    const callId = request.first("call-id");
    const call = calls.get(callId);
    if (call !== undefined) call.onRequest(request);
    else if (request.method === "INVITE") await ring(request, callId);
    else if (request.method !== "ACK") transport.respond(request, 200, "OK", [["To", request.first("to")]]);
  }

  async function ring(request: SipMessage, callId: string): Promise<void> {
    const dialog: Dialog = {
      callId,
      localParty: `${request.first("to")};tag=${newTag()}`,
      remoteParty: request.first("from"),
      remoteTarget: uriOf(request.first("contact")),
      contact,
      cseq: 0,
    };
    const rtp = await createRtpStream(newSound(), options.rtp?.());
    const call = createSipCall(transport, rtp, dialog, request, () => calls.delete(callId));
    calls.set(callId, call);
    transport.respond(request, 180, "Ringing", [
      ["To", dialog.localParty],
      ["Contact", contact],
    ]);
    const incoming = options.incoming ?? { answerAfterMs: 200 };
    const taker = waiting.shift();
    if (taker !== undefined) taker(call);
    if (incoming === "busy") call.reject();
    if (typeof incoming === "object") answerLater(call, incoming.answerAfterMs);
  }

  function answerLater(call: SipCall, afterMs: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      call.answer().catch(() => call.hangUp()); // no ACK
    }, afterMs);
    timers.add(timer);
  }

  async function dial(wanted: DialOptions): Promise<SipCall> {
    const callId = randomUUID();
    const user = wanted.fromUser ?? name;
    const shown = wanted.displayName === undefined ? "" : `${quoted(wanted.displayName)} `;
    const from =
      wanted.fromHeader === undefined ? `${shown}<sip:${user}@127.0.0.1>` : wireText(wanted.fromHeader);
    const dialog: Dialog = {
      callId,
      localParty: `${from};tag=${newTag()}`,
      remoteParty: `<sip:${wanted.to}@${pbx}>`,
      remoteTarget: `sip:${wanted.to}@${pbx}`,
      contact,
      cseq: 1,
    };
    const rtp = await createRtpStream(newSound(), wanted.rtp ?? options.rtp?.());
    const call = createSipCall(transport, rtp, dialog, undefined, () => calls.delete(callId));
    calls.set(callId, call);
    call.invite(wanted.headers ?? []).catch(() => call.discard()); // the PBX is silent: ended says 0
    return call;
  }

  if (options.registers !== false) {
    const self = `<sip:${name}@${pbx}>`;
    const response = await transport.request(
      "REGISTER",
      `sip:${pbx}`,
      [
        ["From", `${self};tag=${newTag()}`],
        ["To", self],
        ["Call-ID", randomUUID()],
        ["CSeq", "1 REGISTER"],
        ["Contact", contact],
        ["Expires", "3600"],
      ],
      { timeoutMs: 5_000 },
    );
    if (response.status !== 200) {
      transport.close();
      throw new LabError(`${name}: the PBX refused the registration: ${response.startLine}`, {
        code: "lab-sip-refused",
        hint: "The name has to be an endpoint of the PBX whose AOR takes contacts, as sip1, desk11 or line11.",
      });
    }
  }

  return {
    name,
    port: transport.port,
    dial,
    async call(to, how = {}) {
      const call = await dial({ ...how, to });
      if (await call.answered(RING_TIMEOUT_MS)) return call;
      throw new LabError(`${name} → ${to}: not answered, SIP status ${await call.ended()}`, {
        code: "lab-sip-refused",
        hint: "The PBX's log says why.",
      });
    },
    nextCall: (timeoutMs = RING_TIMEOUT_MS) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(take), 1);
          reject(timeoutError(`call for ${name}`, timeoutMs));
        }, timeoutMs);
        const take = (call: SipCall) => {
          clearTimeout(timer);
          resolve(call);
        };
        waiting.push(take);
      }),
    stop() {
      for (const timer of timers) clearTimeout(timer);
      for (const call of calls.values()) call.discard();
      transport.close();
    },
  };
}

function soundsOf(plays: SipPhoneOptions["plays"] = 1000): () => Sound {
  if (typeof plays === "function") return plays;
  const sound = repeated(typeof plays === "object" ? plays : tone(plays, TONE_MS));
  return () => sound;
}
