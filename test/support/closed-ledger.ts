// The oracle of everything that comes and goes: when all is over, the journal, the spool and the archive tell the same,
// and nothing in them is open.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Office } from "../../lab/office.ts";
import { readWav } from "../../lab/sound/wav.ts";

/** Every call has one outcome, every recording an end; what is finished is delivered as it is, and nothing else is. */
export async function expectClosedLedger(office: Office): Promise<void> {
  const [calls, recordings, jobs] = [office.calls(), office.recordings(), office.jobs()];
  expect(
    calls.filter((call) => call.outcome === null || call.ended_at === null),
    "calls without an outcome",
  ).to.deep.equal([]);
  const linkedids = calls.map((call) => call.linkedid);
  expect(linkedids, "a call that is there twice").to.deep.equal([...new Set(linkedids)]);
  expect(
    recordings.filter(({ state }) => state !== "finished" && state !== "failed"),
    "recordings that are left open",
  ).to.deep.equal([]);
  expect(readdirSync(join(office.dataFolder, "spool/open")), "files left open").to.deep.equal([]);
  expect(jobs.map((job) => job.state).filter((state) => state !== "done")).to.deep.equal([]);

  const finished = recordings.filter((recording) => recording.state === "finished");
  const names = finished.map((recording) => recording.file_name);
  expect(readdirSync(office.archiveFolder).sort(), "what was delivered").to.deep.equal([...names].sort());
  for (const { file_name, sha256, size_bytes, call_id } of finished) {
    const path = join(office.archiveFolder, file_name ?? "");
    const bytes = readFileSync(path);
    expect(createHash("sha256").update(bytes).digest("hex"), file_name ?? "").to.equal(sha256);
    expect(bytes.length).to.equal(size_bytes);
    const { declaredBytes, declaredRiffBytes } = await readWav(path);
    expect([declaredBytes, declaredRiffBytes], "lengths in the header").to.deep.equal([
      bytes.length - 44,
      bytes.length - 8,
    ]);
    expect(calls.find((call) => call.id === call_id)?.outcome).to.be.oneOf(["recorded", "failed"]);
  }
}
