// How much of the first words a recording by Mitschnitt lacks, beside a MixMonitor that the dialplan starts before the
// first ring of the same call. The phone speaks a known prompt from its first packet on, so each file tells where the
// prompt begins in it: what lies before its own beginning is lost.
//
// Prints a line a call, and as its last line {"calls","medianMs","maxMs"}.

import { join } from "node:path";
import { type Office, openOffice } from "../lab/office.ts";
import { findPrompt, HEARD_SCORE } from "../lab/sound/prompt-finder.ts";
import { monoOf, readWav } from "../lab/sound/wav.ts";

const callCount = 25;
const talkMs = 3000;
const prompt = "demo-congrats";
/** Starts a MixMonitor, then rings alice: lab/config/pbx/extensions.conf. */
const referenceNumber = "ref101";

async function lostMs(file: string, spoken: Int16Array): Promise<number> {
  const { positionMs, score } = findPrompt(monoOf(await readWav(file)), spoken, { spokenMs: talkMs });
  if (score < HEARD_SCORE)
    throw new Error(`${file}: the prompt is not heard in it (score ${score.toFixed(2)})`);
  return Math.max(0, -positionMs);
}

async function measure(office: Office, spoken: Int16Array, callNumber: number): Promise<number> {
  const call = await office.lab.call({
    from: "trunk",
    to: referenceNumber,
    callerNumber: "0301234567",
    plays: "silence",
    hangUpAfterMs: talkMs,
  });
  await call.ended();
  await office.settled(callNumber);
  const recording = office.recordings().at(-1);
  const reference = office.calls().find((row) => row.id === recording?.call_id)?.linkedid;
  const ours = await lostMs(join(office.archiveFolder, recording?.file_name ?? ""), spoken);
  const theirs = await lostMs(join(office.lab.pbx.monitorDir, `ref-${reference}.wav`), spoken);
  console.log(
    `lost: ${ours.toFixed(0).padStart(3)} ms, by the dialplan's MixMonitor ${theirs.toFixed(0).padStart(3)} ms`,
  );
  return Math.round(ours - theirs);
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

const office = await openOffice({ version: 22 });
try {
  await office.module.start();
  const spoken = monoOf(await readWav(office.lab.promptFile(prompt)));
  await office.lab.phone("alice", { answerAfterMs: 200, plays: { prompt } });
  const lost: number[] = [];
  for (let call = 1; call <= callCount; call++) lost.push(await measure(office, spoken, call));
  console.log(JSON.stringify({ calls: lost.length, medianMs: median(lost), maxMs: Math.max(...lost) }));
} finally {
  await office.stop();
}
