// An event as Asterisk writes it, every header in its place: the AMI connection passes over what is not whole.

const channel = {
  Channel: "PJSIP/alice-00000001",
  ChannelState: "6",
  ChannelStateDesc: "Up",
  CallerIDNum: "10",
  CallerIDName: "Alice",
  ConnectedLineNum: "<unknown>",
  ConnectedLineName: "<unknown>",
  Language: "en",
  AccountCode: "",
  Context: "from-internal",
  Exten: "100",
  Priority: "1",
  Uniqueid: "1700000000.1",
  Linkedid: "1700000000.0",
};

/** Headers that no channel has come last. */
export function wholeEvent(name: string, headers: Readonly<Record<string, string>> = {}): string {
  const { ActionID: actionId, ...others } = headers;
  const first = actionId === undefined ? { Privilege: "call,all" } : { ActionID: actionId };
  const last: Record<string, string> =
    name === "Hangup" ? { Cause: "16", "Cause-txt": "Normal Clearing" } : {};
  const shown =
    name === "CoreShowChannel"
      ? { Application: "Dial", ApplicationData: "PJSIP/bob", Duration: "00:00:01", BridgeId: "" }
      : {};
  const all = { Event: name, ...first, ...channel, ...last, ...shown, ...others };
  return Object.entries(all)
    .map(([header, value]) => `${header}: ${value}`)
    .join("\r\n");
}
