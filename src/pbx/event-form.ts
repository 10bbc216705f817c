// What an event about channels looks like when nobody has tampered with it. Asterisk escapes names in AMI, but neither
// numbers nor extensions: `<sip:030%0d%0aUniqueid%3a%20666.6@…>` makes a header of its own, `%0d%0a%0d%0a` ends the
// message and makes the rest another one. So these events are read by the order of their headers, which is always the
// same (main/manager_channels.c; measured on 16 and 22); what stands between is what somebody outside has put there.
//
// Why nobody can forge a whole event: chan_pjsip cuts a number (From, P-Asserted-Identity, Remote-Party-ID) and an
// extension (request URI) at 79 bytes, measured on 16.28 and 22.10. What would have to fit in there, values left empty:
//   the beginning of an event, to go on with the genuine headers behind a number     100 bytes
//   the end of an event, behind CallerIDNum / ConnectedLineNum / Exten               140 / 104 / 42 bytes
// The last one fits; to see through it is the duty of the event mender. The name of a Local channel begins with what was
// dialled: 59 bytes make another event of it there, but one about that very channel, with its true ids.

import { upToControlCharacter } from "./caller-text.ts";

export interface WholeEvent {
  /** The message with each number and extension cut at its first control character. */
  readonly text: string;
  /** Somebody tried to add headers or messages. */
  readonly isTampered: boolean;
}

const channel = `
Channel: <name>
ChannelState: <digits>
ChannelStateDesc: <line>
CallerIDNum: <number>
CallerIDName: <line>
ConnectedLineNum: <number>
ConnectedLineName: <line>
Language: <line>
AccountCode: <line>
Context: <line>
Exten: <extension>
Priority: <digits>
Uniqueid: <filled>
Linkedid: <filled>`;

const about = (prefix: string) =>
  `${channel.replaceAll("\n", `\n${prefix}`)}<optional ${prefix}ChanVariable>`;

const bridge = `
BridgeUniqueid: <filled>
BridgeType: <line>
BridgeTechnology: <line>
BridgeCreator: <line>
BridgeName: <line>
BridgeNumChannels: <digits><optional Bridge>`;

const anyHeaders = "<optional >";
const beforeBody = ["Timestamp", "SequenceNumber", "File", "Line", "Func", "SystemName"];

const begun = (name: string, readClass = "call"): string =>
  `Event: ${name}\nPrivilege: ${readClass},all${beforeBody.map((header) => `<optional ${header}>`).join("")}`;

/** A call that the PBX itself makes has no caller. */
const dial = (name: string, tail: string): readonly string[] =>
  ["", about("")].map((caller) => begun(name) + caller + about("Dest") + tail);

const descriptions: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ["Newchannel", "Newstate", "NewCallerid", "NewConnectedLine", "Hold", "Unhold"].map((name) => [
      name,
      [begun(name) + about("") + anyHeaders],
    ]),
  ),
  Hangup: [`${begun("Hangup")}${about("")}\nCause: <digits>\nCause-txt: <line>${anyHeaders}`],
  BridgeEnter: [begun("BridgeEnter") + bridge + about("") + anyHeaders],
  BridgeLeave: [begun("BridgeLeave") + bridge + about("") + anyHeaders],
  DialBegin: dial("DialBegin", "\nDialString: <number>"),
  // `Forward` is what the phone that was dialled sends the caller to (302): not escaped, cut at 79 bytes as well (measured).
  DialEnd: ["", "\nForward: <extension>"].flatMap((forward) =>
    dial("DialEnd", `${forward}\nDialStatus: <line>${anyHeaders}`),
  ),
  LocalBridge: [
    `${begun("LocalBridge")}${about("LocalOne")}${about("LocalTwo")}
Context: <line>\nExten: <number>\nLocalOptimization: <line>`,
  ],
  RTCPSent: [`${begun("RTCPSent", "reporting")}${about("")}\nTo: <line>\nFrom: <line>${anyHeaders}`],
  // 83 bytes with a CRLFCRLF on either side: this one cannot be smuggled in either.
  Rename: [`${begun("Rename")}\nChannel: <path>\nNewname: <path>\nUniqueid: <filled>`],
  // The name of a conference may have been dialled, and stands behind what is read here.
  BridgeListItem: [
    `Event: BridgeListItem\nActionID: <filled>${bridge.replace("BridgeName: <line>", "BridgeName: <number>")}`,
  ],
  // In an answer to us, our ActionID comes first, and nobody can guess it.
  CoreShowChannel: [
    `Event: CoreShowChannel\nActionID: <filled>${about("")}
Application: <line>\nApplicationData: <number>\nDuration: <line>\nBridgeId: <line>`,
  ],
};

const outside: ReadonlyMap<string, string> = new Map([
  // Only a Local channel is named after what somebody dialled.
  ["name", "([^\\r\\n]+|Local/[^]{1,90}?)"],
  ["number", "([^]*?)"],
  ["extension", "([^]*)"],
]);

interface Form {
  /** Its groups are by turns Asterisk's own text and what may come from outside. */
  readonly pattern: RegExp;
  /** What the groups are; undefined for Asterisk's own text. */
  readonly kinds: readonly (string | undefined)[];
  /** Where text from outside can also follow the ids: what the genuine ones are followed by. */
  readonly headerBehindIds: string | undefined;
}

function compiled(description: string): Form {
  const parts = description.split(/<(name|number|extension)>/);
  const groups = parts.map((part) => outside.get(part) ?? `(${inlined(part)})`);
  const isOpenEnded = parts.lastIndexOf("number") > parts.lastIndexOf("extension");
  return {
    pattern: new RegExp(`^${groups.join("")}$`),
    kinds: parts.map((part) => (outside.has(part) ? part : undefined)),
    headerBehindIds: isOpenEnded ? /.*ChanVariable>\n(\w+: )/s.exec(description)?.[1] : undefined,
  };
}

function inlined(text: string): string {
  return text
    .replaceAll("\n", "\\r\\n")
    .replaceAll(/<optional (\w*)>/g, "(?:\\r\\n$1[^\\r\\n]+)*")
    .replaceAll("<line>", "[^\\r\\n]*")
    .replaceAll("<filled>", "[^\\r\\n]+")
    .replaceAll("<path>", "[^\\r\\n/]+/[^\\r\\n]+")
    .replaceAll("<digits>", "-?\\d+");
}

const forms: ReadonlyMap<string, readonly Form[]> = new Map(
  Object.entries(descriptions).map(([name, variants]) => [name, variants.map(compiled)]),
);

/** Whether an event of this name counts only in its form. */
export const hasForm = (eventName: string): boolean => forms.has(eventName);

/** A genuine event has about a kilobyte. */
const longestEvent = 16 * 1024;

/** The event without what was smuggled in; undefined where it is cut off, or cannot be told from a forgery. */
export function readWhole(eventName: string, text: string): WholeEvent | undefined {
  if (text.length > longestEvent) return undefined;
  for (const form of forms.get(eventName) ?? []) {
    const groups = form.pattern.exec(text)?.slice(1);
    if (groups !== undefined) return withoutAdditions(text, groups, form);
  }
  return undefined;
}

function withoutAdditions(text: string, groups: readonly string[], form: Form): WholeEvent | undefined {
  const { kinds } = form;
  const cut = groups.map((group, i) => (kinds[i] === undefined ? group : upToControlCharacter(group)));
  if (cut.every((group, i) => group.length === groups[i]?.length)) return { text, isTampered: false };
  if (groups.some((group, i) => kinds[i] === "extension" && mayHoldGenuineIds(group, text, form)))
    return undefined;
  return {
    text: cut.join(""),
    isTampered: groups.some((group, i) => kinds[i] !== undefined && group.includes("\r\n")),
  };
}

/**
 * The last ids of a message were taken for the genuine ones, and others before them for a part of the extension. It can be
 * the other way round where more text from outside follows: a dialled number, a variable that an administrator has chosen.
 */
function mayHoldGenuineIds(extension: string, text: string, { headerBehindIds }: Form): boolean {
  if (!/\r\n\w*Priority: /.test(extension)) return false;
  const behindIds = /\r\n\w*Linkedid: [^\r\n]*\r\n(\w+: )/g;
  return (
    text.includes("ChanVariable") ||
    (headerBehindIds !== undefined &&
      [...extension.matchAll(behindIds)].some(([, header]) => header === headerBehindIds))
  );
}

// Nothing of another channel may stand before: a message that begins in a number goes on with the genuine `CallerIDName`,
// and in a dial event with the whole channel that is dialled.
const beginning =
  /^Event: \w+\r\n(?:Privilege: [a-z]+,all|ActionID: [^\r\n]+)(?:\r\n(?:Timestamp|SequenceNumber|File|Line|Func|SystemName|Bridge\w+): [^\r\n]*)*\r\n(\w*)Channel: [^\r\n]+\r\n\1ChannelState: \d+\r\n\1ChannelStateDesc: [^\r\n]*\r\n\1CallerIDNum: /;

/** Whether the text begins as only Asterisk can begin an event about a channel: up to where a number stands. */
export const beginsGenuinely = (text: string): boolean => beginning.test(text);
