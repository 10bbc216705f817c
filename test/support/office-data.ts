// What happens in the office of the pages' fixture: its settings, the calls of a Wednesday and the evening before, who is
// on the phone right now, and how far the deliveries have come.

import type { LiveCall } from "../../src/core/live-call.ts";
import type { CallsTable } from "../../src/journal/tables.ts";
import type { DeliveryStatus } from "../../src/web/services.ts";

export const officeSettings = {
  language: "de",
  pbx: { host: "127.0.0.1", port: 5038, user: "mitschnitt", trunks: ["PJSIP/amt"] },
  rules: [
    {
      id: "group",
      name: "Vertrieb",
      enabled: true,
      directions: { incoming: true, outgoing: true, internal: false },
      members: [
        { extension: "10", name: "Anna Adler", endpoints: ["PJSIP/10"] },
        { extension: "11", name: "Bernd Brandt", endpoints: ["PJSIP/11"] },
        { extension: "12", name: "Canan Çelik", endpoints: ["PJSIP/canan", "PJSIP/canan-mobil"] },
        { extension: "13", name: "Dörte Dierks", endpoints: ["PJSIP/13"] },
      ],
    },
  ],
  targets: [
    {
      id: "archiv-1a2b3c",
      kind: "folder",
      name: "Archiv",
      enabled: true,
      schedule: { kind: "at-once" },
      path: "/srv/aufzeichnungen",
    },
    {
      id: "zentrale-4d5e6f",
      kind: "ftp",
      name: "Zentrale",
      enabled: true,
      schedule: { kind: "daily", time: "20:00" },
      host: "ftp.havelland-solar.example",
      user: "mitschnitt",
      directory: "vertrieb",
    },
  ],
};

export type CallOfTheDay = Partial<CallsTable> & {
  readonly minutesAgo: number;
  readonly talkSeconds: number;
};

const outgoing = { direction: "outgoing", from_name: "" } as const;
const notDue = { outcome: "not-due", reason_params: null } as const;

export const callsOfTheDay: readonly CallOfTheDay[] = [
  {
    minutesAgo: 9,
    talkSeconds: 187,
    from_number: "+493319876540",
    from_name: "Autohaus Krüger",
    member_extension: "10",
  },
  {
    minutesAgo: 21,
    talkSeconds: 412,
    ...outgoing,
    from_number: "12",
    to_number: "+4930600123450",
    member_extension: "12",
  },
  {
    minutesAgo: 34,
    talkSeconds: 65,
    direction: "internal",
    from_number: "11",
    from_name: "Bernd Brandt",
    to_number: "20",
    member_extension: "11",
    outcome: "not-due",
    reason_code: "direction-off",
    reason_params: '{"rule":"Vertrieb","direction":"internal"}',
  },
  {
    minutesAgo: 41,
    talkSeconds: 0,
    from_number: "+4917612345670",
    from_name: "",
    member_extension: null,
    ...notDue,
    reason_code: "abandoned",
  },
  {
    minutesAgo: 58,
    talkSeconds: 734,
    from_number: "+498912345670",
    from_name: "Stadtwerke Rosenheim",
    member_extension: "13",
  },
  {
    minutesAgo: 77,
    talkSeconds: 96,
    from_number: "+4940555123450",
    from_name: "Praxis Dr. Öztürk",
    member_extension: "11",
    outcome: "declined",
    reason_code: null,
    reason_params: null,
  },
  {
    minutesAgo: 90,
    talkSeconds: 158,
    ...outgoing,
    from_number: "10",
    to_number: "+4933812345670",
    member_extension: "10",
  },
  {
    minutesAgo: 112,
    talkSeconds: 44,
    from_number: "+493012345670",
    from_name: "Maier & Söhne GmbH",
    member_extension: "10",
  },
  {
    minutesAgo: 131,
    talkSeconds: 0,
    ...outgoing,
    from_number: "13",
    to_number: "+4935112345670",
    member_extension: null,
    ...notDue,
    reason_code: "busy",
  },
  {
    minutesAgo: 160,
    talkSeconds: 320,
    from_number: "+4922112345670",
    from_name: "Kölner Dachbau",
    member_extension: "12",
  },
  {
    minutesAgo: 205,
    talkSeconds: 271,
    from_number: "+493319876540",
    from_name: "Autohaus Krüger",
    member_extension: "11",
  },
  {
    minutesAgo: 1290,
    talkSeconds: 188,
    from_number: "+4951112345670",
    from_name: "Hannover Elektro",
    member_extension: "10",
  },
  {
    minutesAgo: 1340,
    talkSeconds: 519,
    ...outgoing,
    from_number: "11",
    to_number: "+436601234567",
    member_extension: "11",
  },
  {
    minutesAgo: 1500,
    talkSeconds: 30,
    from_number: "+493011223340",
    from_name: "",
    member_extension: "13",
    outcome: "failed",
    reason_code: "pbx-connection-lost",
    reason_params: null,
  },
];

export const liveCallsNow = (nowMs: number): LiveCall[] => {
  const base = { direction: "incoming", fromName: "", toNumber: "600", memberExtension: undefined } as const;
  return [
    {
      ...base,
      id: "a".repeat(32),
      startedAt: new Date(nowMs - 204_000),
      answeredAt: new Date(nowMs - 197_000),
      fromNumber: "+493012345670",
      fromName: "Maier & Söhne GmbH",
      memberExtension: "10",
      state: { kind: "recording" },
    },
    {
      ...base,
      id: "b".repeat(32),
      direction: "outgoing",
      startedAt: new Date(nowMs - 71_000),
      answeredAt: new Date(nowMs - 58_000),
      fromNumber: "12",
      fromName: "Canan Çelik",
      toNumber: "+4930600123450",
      memberExtension: "12",
      state: { kind: "recording" },
    },
    {
      ...base,
      id: "c".repeat(32),
      direction: "internal",
      startedAt: new Date(nowMs - 40_000),
      answeredAt: new Date(nowMs - 33_000),
      fromNumber: "11",
      fromName: "Bernd Brandt",
      toNumber: "20",
      memberExtension: "11",
      state: {
        kind: "not-recorded",
        reason: { code: "direction-off", params: { rule: "Vertrieb", direction: "internal" } },
      },
    },
    {
      ...base,
      id: "d".repeat(32),
      startedAt: new Date(nowMs - 6_000),
      answeredAt: undefined,
      fromNumber: "+4917612345670",
      state: { kind: "ringing" },
    },
  ];
};

export const deliveriesNow = (): DeliveryStatus[] => [
  {
    targetId: "archiv-1a2b3c",
    targetName: "Archiv",
    state: "idle",
    waiting: 0,
    waitingBytes: 0,
    onHold: 0,
    done: 1284,
    oldestWaitingSince: undefined,
    nextRunAt: undefined,
    lastError: undefined,
  },
  {
    targetId: "zentrale-4d5e6f",
    targetName: "Zentrale",
    state: "idle",
    waiting: 6,
    waitingBytes: 41_000_000,
    onHold: 0,
    done: 1278,
    oldestWaitingSince: new Date("2026-11-18T09:10:00Z"),
    nextRunAt: new Date("2026-11-18T19:00:00Z"),
    lastError: undefined,
  },
];
