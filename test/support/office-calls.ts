// Calls into the office for tests in which module, connection or PBX come and go: each caller has a tone of his own, by
// which the call is found in the journal, and what was recorded of it is listened to.

import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { PhoneName } from "../../lab/lab-call.ts";
import type { Office } from "../../lab/office.ts";
import { findTone, heardMs } from "../../lab/sound/tone.ts";
import { monoOf, readWav } from "../../lab/sound/wav.ts";
import type { CallsTable, RecordingsTable } from "../../src/journal/tables.ts";
import { until } from "./until.ts";

/** Multiples of 50 Hz: in the 20 ms by which tones are looked for, none of them is taken for another. */
export const phoneTones = { alice: 1000, bob: 1200, carol: 1400, dave: 1600 } as const;

/** Makes callers' numbers different, also where tests share an office. */
let callCount = 0;

const directNumbers = { alice: "101", bob: "102", carol: "103", dave: "104" } as const;

/** Each of them answers at once and talks until the other side hangs up. */
export async function preparePhones(office: Office): Promise<void> {
  for (const who of ["alice", "bob", "carol", "dave"] as const)
    await office.lab.phone(who, { answerAfterMs: 100, plays: `tone${phoneTones[who]}` });
}

export interface OfficeCall {
  readonly hz: number;
  hangUp(): Promise<void>;
  /** From the answer to the end, or until now. */
  talkedMs(): number;
  /** What the journal has of it. */
  row(): CallsTable | undefined;
  recordings(): RecordingsTable[];
  /** As `recorded: by-rule`. */
  outcome(): string;
  /** Until the module has a row and Asterisk has brought that much of the audio onto the disk. */
  recorded(leastBytes?: number): Promise<void>;
}

/** Asterisk writes in steps of 32 KiB, which are 2 s. */
const firstStepBytes = 32_768;

/** Rings by the trunk and returns when it is answered. */
export async function callIn(office: Office, to: PhoneName, hz: number): Promise<OfficeCall> {
  callCount++;
  const callerNumber = `030${hz}${String(callCount).padStart(4, "0")}`;
  const call = await office.lab.call({
    from: "trunk",
    to: directNumbers[to],
    callerNumber,
    plays: `tone${hz}`,
  });
  if (!(await call.answered())) throw new Error(`${to} did not answer`);
  const answeredAt = performance.now();
  let endedAt: number | undefined;
  const row = () => office.calls().find((one) => one.from_number === callerNumber);
  const recordings = () => office.recordings().filter((one) => one.call_id === row()?.id);
  return {
    hz,
    async hangUp() {
      await call.hangUp();
      endedAt = performance.now();
    },
    talkedMs: () => (endedAt ?? performance.now()) - answeredAt,
    row,
    recordings,
    outcome: () => `${row()?.outcome}: ${row()?.reason_code}`,
    recorded: (leastBytes = firstStepBytes) =>
      until(
        `the call with ${hz} Hz is recorded`,
        () =>
          recordings().some(({ id }) => {
            const file = join(office.dataFolder, "spool/open", `${id}.wav`);
            return existsSync(file) && statSync(file).size > leastBytes;
          }),
        15_000,
      ),
  };
}

/** What taking a recording over may cost of it: the gap of a restart, and the packets around it. */
const takingOverMs = 250;
/** A machine that is busy with other things makes the phones stutter. */
const stutterShare = 0.03;

/** The least that a whole recording has of a voice that speaks all the time. */
export const nearly = (talkedMs: number): number => talkedMs * (1 - stutterShare) - takingOverMs;

export interface Heard {
  readonly durationMs: number;
  ms(hz: number): number;
  /** The longest time without the tone between its first and its last moment. */
  longestGapMs(hz: number): number;
}

/** What was delivered of a call's only recording. */
export async function heardIn(office: Office, call: OfficeCall): Promise<Heard> {
  const [recording, ...more] = call.recordings();
  if (recording?.file_name == null || more.length > 0)
    throw new Error(`expected one recording with ${call.hz} Hz, got ${call.recordings().length}`);
  const sound = await readWav(join(office.archiveFolder, recording.file_name));
  const samples = monoOf(sound);
  return {
    durationMs: sound.durationMs,
    ms: (hz) => heardMs(samples, hz),
    longestGapMs(hz) {
      const segments = findTone(samples, hz);
      const gaps = segments.slice(1).map(({ startMs }, index) => startMs - (segments[index]?.endMs ?? 0));
      return Math.max(0, ...gaps);
    },
  };
}
