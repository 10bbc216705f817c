// A day in the office of a small company in Potsdam, as the pages' tests, the development server and the pictures show
// it: services with live parts that a test can change, over a journal and a spool in a temporary folder.

import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Condition } from "../../src/core/conditions.ts";
import type { LiveCall } from "../../src/core/live-call.ts";
import { recordingName } from "../../src/core/recording-name.ts";
import { openJournal } from "../../src/journal/journal.ts";
import type { CallsTable } from "../../src/journal/tables.ts";
import { calledParty } from "../../src/report/report-rows.ts";
import { openSecrets } from "../../src/settings/secrets.ts";
import { openSettings } from "../../src/settings/store.ts";
import { ensureFirstUser } from "../../src/web/access/first-user.ts";
import type { WebOptions } from "../../src/web/options.ts";
import { createWebServer, type WebServer } from "../../src/web/server.ts";
import type { DeliveryStatus, PbxConnection, SpaceUsage, WebServices } from "../../src/web/services.ts";
import { addCall, addJob, addRecording } from "./journal-fixture.ts";

/** Sunday noon would be quiet; this is a Wednesday. */
export const officeNow = new Date("2026-11-18T13:42:10Z");
/** Cheap hashes: what a password costs is tested where passwords are. */
export const cheapCost = { N: 2 ** 10, r: 8, p: 1 };

export interface OfficeState {
  pbx: PbxConnection;
  conditions: Condition[];
  liveCalls: LiveCall[];
  space: SpaceUsage;
  deliveries: DeliveryStatus[];
  now: Date;
}

export interface Office {
  readonly folder: string;
  readonly services: WebServices;
  readonly server: WebServer;
  readonly state: OfficeState;
  readonly password: string;
  readonly controlToken: string;
  /** Target ids, "" for all. */
  readonly delivered: string[];
  readonly logged: { readonly fields: object; readonly message: string }[];
  /** As if something had happened. */
  change(changes?: Partial<OfficeState>): void;
  close(): Promise<void>;
}

export const emptySettings = { language: "de" };

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

/** A sweep from 300 to 600 Hz, loud and then soft: 8 kHz, 16 bit, mono. */
export function toneWav(durationMs: number): Buffer {
  const samples = Math.floor(durationMs * 8);
  const wav = Buffer.alloc(44 + samples * 2);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + samples * 2, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(8000, 24);
  wav.writeUInt32LE(16_000, 28);
  wav.writeUInt16LE(2, 32);
  wav.writeUInt16LE(16, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(samples * 2, 40);
  for (let i = 0; i < samples; i += 1)
    wav.writeInt16LE(
      Math.round(6000 * Math.sin(2 * Math.PI * (300 + (150 * i) / samples) * (i / 8000))),
      44 + i * 2,
    );
  return wav;
}

export async function openOffice(
  options: {
    readonly settings?: object;
    readonly web?: Partial<WebOptions>;
    readonly state?: Partial<OfficeState>;
  } = {},
): Promise<Office> {
  const folder = mkdtempSync(join(tmpdir(), "mitschnitt-office-"));
  const spool = join(folder, "spool", "transfer");
  mkdirSync(spool, { recursive: true });
  const journal = await openJournal(join(folder, "journal.db"));
  const settingsFile = join(folder, "settings.json");
  writeFileSync(settingsFile, JSON.stringify(options.settings ?? officeSettings));
  const history = { latest: async () => undefined, add: async () => undefined };
  const settings = await openSettings(settingsFile, history, () => officeNow);
  const secrets = openSecrets(join(folder, "secrets"));
  if (options.settings === undefined) await secrets.set("ami", "canary-ami-secret");
  const first = await ensureFirstUser(journal.db, officeNow, cheapCost);

  const listeners = new Set<() => void>();
  const state: OfficeState = { ...quietOffice(), ...options.state };
  const delivered: string[] = [];
  const logged: { fields: object; message: string }[] = [];
  const note = (fields: object, message: string): void => void logged.push({ fields, message });

  const services: WebServices = {
    version: "0.1.0",
    db: journal.db,
    settings,
    secrets,
    pbx: () => state.pbx,
    conditions: () => state.conditions,
    liveCalls: () => state.liveCalls,
    space: async () => state.space,
    deliveries: async () => state.deliveries,
    deliverNow: (targetId) => void delivered.push(targetId ?? ""),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async recordingFile(id) {
      const row = await journal.db
        .selectFrom("recordings")
        .select("file_name")
        .where("id", "=", id)
        .executeTakeFirst();
      const path = join(spool, row?.file_name ?? "none");
      return row?.file_name && existsSync(path) ? { path, name: row.file_name } : undefined;
    },
  };
  const controlToken = "control-token-of-this-office";
  const server = createWebServer(services, {
    host: "127.0.0.1",
    port: 0,
    controlToken,
    spoolFolder: join(folder, "spool"),
    log: { info: note, warn: note, error: note },
    now: () => state.now,
    passwordCost: cheapCost,
    ...options.web,
  });
  await server.listen();
  return {
    folder,
    services,
    server,
    state,
    password: first?.password ?? "",
    controlToken,
    delivered,
    logged,
    change(changes = {}) {
      Object.assign(state, changes);
      for (const listener of listeners) listener();
    },
    async close() {
      await server.close();
      await journal.close();
      await rm(folder, { recursive: true });
    },
  };
}

const quietOffice = (): OfficeState => ({
  now: officeNow,
  pbx: { state: "connected", since: new Date("2026-11-18T05:58:12Z"), asteriskVersion: "22.10.0" },
  conditions: [],
  liveCalls: [],
  space: { openBytes: 3_400_000, transferBytes: 41_000_000, freeBytes: 38_600_000_000 },
  deliveries: [],
});

const minutes = (count: number): number => count * 60_000;

/** Calls of the day and of the days before, with recordings in the spool; live calls, deliveries. */
export async function fillOffice(
  office: Office,
): Promise<{ readonly recordingId: string; readonly callId: string }> {
  const { db } = office.services;
  const nowMs = officeNow.getTime();
  let shown: { recordingId: string; callId: string } | undefined;
  for (const [index, day] of callsOfTheDay.entries()) {
    const startedAt = nowMs - minutes(day.minutesAgo);
    const { minutesAgo, talkSeconds, ...facts } = day;
    const call = await addCall(db, {
      started_at: startedAt,
      answered_at: talkSeconds === 0 ? null : startedAt + 7_000,
      ended_at: startedAt + 7_000 + talkSeconds * 1000,
      ...facts,
    });
    if (call.outcome !== "recorded") continue;
    const name = recordingName({
      startedAt: new Date(call.answered_at ?? startedAt),
      timeZone: "Europe/Berlin",
      fromNumber: call.from_number,
      toNumber: calledParty(call),
      copy: 1,
    });
    const recording = await addRecording(db, call, { file_name: name });
    const isHere = index < 6;
    if (isHere)
      writeFileSync(
        join(office.folder, "spool", "transfer", name),
        toneWav(Math.min(talkSeconds, 12) * 1000),
      );
    await addJob(db, recording, { target_id: "archiv-1a2b3c" });
    await addJob(db, recording, isHere ? waitsForTheEvening : { target_id: "zentrale-4d5e6f" });
    shown ??= { recordingId: recording.id, callId: call.id };
  }
  office.change({ liveCalls: liveCallsNow(nowMs), deliveries: deliveriesNow() });
  return shown ?? { recordingId: "", callId: "" };
}

const waitsForTheEvening = {
  target_id: "zentrale-4d5e6f",
  state: "incoming",
  done_at: null,
  remote_name: null,
} as const;

type CallOfTheDay = Partial<CallsTable> & { readonly minutesAgo: number; readonly talkSeconds: number };

const outgoing = { direction: "outgoing", from_name: "" } as const;
const notDue = { outcome: "not-due", reason_params: null } as const;

const callsOfTheDay: readonly CallOfTheDay[] = [
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

const liveCallsNow = (nowMs: number): LiveCall[] => {
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

const deliveriesNow = (): DeliveryStatus[] => [
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
