// A SIP dialog (RFC 3261, section 12): who talks with whom under which id, and the headers that every message of it
// carries.

import { randomUUID } from "node:crypto";
import { type SipHeaders, tagOf, uriOf } from "./sip-message.ts";

export interface Dialog {
  readonly callId: string;
  /** With its tag. */
  readonly localParty: string;
  readonly contact: string;
  remoteParty: string;
  remoteTarget: string;
  cseq: number;
}

export function newTag(): string {
  return randomUUID().slice(0, 8);
}

export function requestHeaders(dialog: Dialog, method: string, extra: SipHeaders = []): SipHeaders {
  return [
    ["From", dialog.localParty],
    ["To", dialog.remoteParty],
    ["Call-ID", dialog.callId],
    ["CSeq", `${dialog.cseq} ${method}`],
    ["Contact", dialog.contact],
    ["Allow", "INVITE,ACK,BYE,CANCEL,OPTIONS,NOTIFY,REFER,UPDATE"],
    ...extra,
  ];
}

/** Beside what a response mirrors from its request. */
export function responseHeaders(dialog: Dialog): SipHeaders {
  return [
    ["To", dialog.localParty],
    ["Contact", dialog.contact],
  ];
}

/** Asks the other side to call `number`, and with `replaced` to take over that dialog (RFC 3515, RFC 3891). */
export function referHeaders(dialog: Dialog, number: string, replaced?: Dialog): SipHeaders {
  const host = dialog.remoteTarget.replace(/^sips?:([^@]*@)?/, "").replace(/[;?].*$/, "");
  const address = `sip:${number}@${host}`;
  const target =
    replaced === undefined ? address : `${address}?Replaces=${encodeURIComponent(replaces(replaced))}`;
  return [
    ["Refer-To", `<${target}>`],
    ["Referred-By", `<${uriOf(dialog.localParty)}>`],
  ];
}

function replaces({ callId, localParty, remoteParty }: Dialog): string {
  return `${callId};to-tag=${tagOf(remoteParty)};from-tag=${tagOf(localParty)}`;
}
