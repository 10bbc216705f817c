// A day in the office of a small company in Potsdam, as the pages' tests, the development server and the pictures show
// it: services with live parts that a test can change, over a journal and a spool in a temporary folder.

import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CleanedRecording, CleanupRequest } from "../../src/core/cleanup.ts";
import type { Condition } from "../../src/core/conditions.ts";
import type { LiveCall } from "../../src/core/live-call.ts";
import { recordingName } from "../../src/core/recording-name.ts";
import { openJournal } from "../../src/journal/journal.ts";
import { calledParty } from "../../src/report/report-rows.ts";
import { openSecrets } from "../../src/settings/secrets.ts";
import { openSettings } from "../../src/settings/store.ts";
import { ensureFirstUser } from "../../src/web/access/first-user.ts";
import type { WebOptions } from "../../src/web/options.ts";
import { createWebServer, type WebServer } from "../../src/web/server.ts";
import type { DeliveryStatus, PbxConnection, SpaceUsage, WebServices } from "../../src/web/services.ts";
import { addCall, addJob, addRecording } from "./journal-fixture.ts";
import { callsOfTheDay, deliveriesNow, liveCallsNow, officeSettings } from "./office-data.ts";

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
  /** What the cleanup finds; freed, it is gone. */
  stuck: readonly Omit<CleanedRecording, "state">[];
  cleanupError: Error | undefined;
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
  readonly cleanups: CleanupRequest[];
  readonly logged: { readonly fields: object; readonly message: string }[];
  /** As if something had happened. */
  change(changes?: Partial<OfficeState>): void;
  close(): Promise<void>;
}

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
  const cleanups: CleanupRequest[] = [];
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
    async cleanup(request) {
      cleanups.push(request);
      if (state.cleanupError !== undefined) throw state.cleanupError;
      const recordings = state.stuck.map((stuck) => ({
        ...stuck,
        state: request.dryRun ? ("found" as const) : ("finished" as const),
      }));
      if (!request.dryRun) state.stuck = [];
      return { ...request, recordings, left: 0 };
    },
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
    cleanups,
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
  stuck: [],
  cleanupError: undefined,
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
