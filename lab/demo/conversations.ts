// What people say in the demo: Asterisk's own prompts, one side at a time, so that both voices can be told apart.

import type { CallOptions, Party } from "../lab-call.ts";
import type { Speech } from "../phone-behaviour.ts";

export interface Conversation {
  readonly direction: "incoming" | "outgoing" | "internal";
  /** Who answers. */
  readonly called: Party;
  readonly call: CallOptions;
  /** The prompt by which each side is recognised. */
  readonly callerSays: string;
  readonly calledSays: string;
}

/** The called side speaks first, for about three seconds; then the caller. */
const calledSpeech = (prompt: string): Speech => ({ prompt: [prompt, "silence/5", "silence/5"] });
const callerSpeech = (prompt: string): Speech => ({ prompt: ["silence/4", prompt, "silence/5"] });

const conversation = (
  direction: Conversation["direction"],
  called: Party,
  call: Pick<CallOptions, "from" | "to" | "callerNumber" | "callerName">,
  calledSays: string,
  callerSays: string,
): Conversation => ({
  direction,
  called,
  callerSays,
  calledSays,
  call: { ...call, plays: callerSpeech(callerSays), hangUpAfterMs: 8000 },
});

/** One of each direction: what `--once` places, and what the lasting demo repeats. */
export const conversations: readonly [Conversation, Conversation, Conversation] = [
  conversation(
    "incoming",
    "alice",
    { from: "trunk", to: "101", callerNumber: "03012345678", callerName: "Bäckerei Höfer" },
    "vm-nobodyavail",
    "tt-weasels",
  ),
  conversation("outgoing", "trunk", { from: "bob", to: "0089765432" }, "conf-onlyperson", "tt-monkeysintro"),
  conversation("internal", "bob", { from: "alice", to: "11" }, "something-terribly-wrong", "vm-msgforwarded"),
];

export const speechOfCalled = (conversation: Conversation): Speech => calledSpeech(conversation.calledSays);
