// The lab with Mitschnitt attached to it, as an administrator would do it: `mitschnitt install`, settings, `mitschnitt
// start` as a process of its own. What demo, tests and benchmarks want to know is read from the module's journal.

import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import Database from "better-sqlite3";
import type { CallsTable, JobsTable, RecordingsTable } from "../src/journal/tables.ts";
import { asAccount, giveTo, type LabAccount } from "./account.ts";
import { type AttachedModule, attachModule } from "./attached-module.ts";
import { waitUntil } from "./deadline.ts";
import { type Lab, type LabOptions, startLab } from "./lab.ts";
import { LabError } from "./lab-error.ts";

export interface OfficeOptions extends LabOptions {
  /** Below the lab's folder unless given. */
  readonly dataFolder?: string;
  /** Laid over the office's settings, key by key; is told where recordings are delivered to, and where the PBX is. */
  readonly settings?: (archiveFolder: string, amiPort: number) => Readonly<Record<string, unknown>>;
  /** 127.0.0.1 and a free port unless given. */
  readonly http?: string;
  /** Runs the built module, as a user would, instead of the sources. */
  readonly built?: boolean;
  /** The module's, and the owner of its folders; takes root. Commands are still run by us. */
  readonly moduleAccount?: LabAccount;
}

export interface Office {
  readonly lab: Lab;
  readonly dataFolder: string;
  /** Where recordings are delivered to. */
  readonly archiveFolder: string;
  readonly module: AttachedModule;
  /** Runs a command of the module on this data folder. */
  mitschnitt(...words: string[]): Promise<CommandResult>;
  calls(): CallsTable[];
  recordings(): RecordingsTable[];
  jobs(): JobsTable[];
  /** Every call has its outcome, every recording is delivered. */
  isSettled(): boolean;
  /**
   * Until the PBX is idle, every call has its outcome and every recording is delivered. The journal may learn of a short
   * call after the phones have forgotten it, so the number of calls that there must be is said.
   */
  settled(callCount: number, timeoutMs?: number): Promise<void>;
  stop(): Promise<void>;
}

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const root = resolve(import.meta.dirname, "..");

/** A group of alice (10) and bob (11); all directions; delivery at once to a folder. */
export const officeSettings = (amiPort: number, archiveFolder: string) => ({
  language: "de",
  timeZone: "Europe/Berlin",
  pbx: { host: "127.0.0.1", port: amiPort, user: "mitschnitt", trunks: ["PJSIP/trunk"] },
  rules: [
    {
      id: "sales",
      name: "Vertrieb",
      enabled: true,
      members: [
        { extension: "10", name: "Alice Adler", endpoints: ["PJSIP/alice"] },
        { extension: "11", name: "Bob Brandt", endpoints: ["PJSIP/bob"] },
      ],
      directions: { incoming: true, outgoing: true, internal: true },
    },
  ],
  targets: [
    {
      id: "archive",
      name: "Archiv",
      enabled: true,
      kind: "folder",
      path: archiveFolder,
      schedule: { kind: "at-once" },
    },
  ],
});

export async function openOffice(options: OfficeOptions): Promise<Office> {
  const lab = await startLab(options);
  try {
    const dataFolder = options.dataFolder ?? join(lab.dir, "data");
    const archiveFolder = join(lab.dir, "archive");
    for (const folder of [dataFolder, archiveFolder]) await mkdir(folder, { recursive: true });
    const { moduleAccount } = options;
    if (moduleAccount !== undefined) await giveTo(moduleAccount, dataFolder, archiveFolder);
    const program = commandLine(options.built ?? false);
    const environment = {
      ...process.env,
      MITSCHNITT_DATA: dataFolder,
      MITSCHNITT_HTTP: options.http ?? "127.0.0.1:0",
    };
    const mitschnitt = (...words: string[]) => run(program, words, environment);
    await attach(lab, dataFolder, mitschnitt);
    const settings = {
      ...officeSettings(lab.amiPort, archiveFolder),
      ...options.settings?.(archiveFolder, lab.amiPort),
    };
    await writeFile(join(dataFolder, "settings.json"), JSON.stringify(settings, null, 2));
    const module = attachModule({
      program: [...(moduleAccount === undefined ? [] : asAccount(moduleAccount)), ...program],
      env: environment,
      cwd: root,
      dataFolder,
    });
    const rows = <T>(table: string): T[] => readRows<T>(join(dataFolder, "journal.db"), table);
    const office: Office = {
      lab,
      dataFolder,
      archiveFolder,
      module,
      mitschnitt,
      calls: () => rows<CallsTable>("calls"),
      recordings: () => rows<RecordingsTable>("recordings"),
      jobs: () => rows<JobsTable>("jobs"),
      isSettled: () => isSettled(office),
      async settled(callCount, timeoutMs = 30_000) {
        await lab.idle(timeoutMs);
        const isDone = (): boolean => office.calls().length >= callCount && isSettled(office);
        await waitUntil("outcomes and deliveries", isDone, { timeoutMs, intervalMs: 50 });
      },
      async stop() {
        await module.stop();
        await lab.stop();
      },
    };
    return office;
  } catch (error) {
    await lab.stop();
    throw error;
  }
}

const isSettled = (office: Office): boolean =>
  office.calls().every((call) => call.outcome !== null) &&
  office.recordings().every(({ state }) => state === "finished" || state === "failed") &&
  office.jobs().every((job) => job.state === "done");

async function attach(
  lab: Lab,
  dataFolder: string,
  mitschnitt: (...words: string[]) => Promise<CommandResult>,
): Promise<void> {
  const result = await mitschnitt(
    "install",
    "--asterisk-conf",
    join(lab.pbx.etcDir, "asterisk.conf"),
    "--asterisk",
    lab.pbx.binary.command,
    "--data",
    dataFolder,
  );
  if (result.code === 0) return;
  throw new LabError(`mitschnitt install failed: ${result.stderr || result.stdout}`, {
    code: "lab-install",
    hint: "Look at the lab's manager.conf and extensions.conf.",
  });
}

/** Node and its arguments in front of the module's own. */
const commandLine = (built: boolean): readonly string[] =>
  built
    ? [process.execPath, join(root, "dist/cli.js")]
    : [process.execPath, "--import", "tsx", join(root, "src/cli.ts")];

async function run(
  [node = "", ...args]: readonly string[],
  words: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<CommandResult> {
  try {
    const { stdout, stderr } = await promisify(execFile)(node, [...args, ...words], {
      env,
      cwd: root,
      timeout: 60_000,
    });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout = "", stderr = "" } = error as { code?: unknown; stdout?: string; stderr?: string };
    if (typeof code !== "number") throw error;
    return { code, stdout, stderr };
  }
}

function readRows<T>(file: string, table: string): T[] {
  const journal = new Database(file, { readonly: true, fileMustExist: true });
  try {
    return journal.prepare(`select * from ${table} order by rowid`).all() as T[];
  } finally {
    journal.close();
  }
}
