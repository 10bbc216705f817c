import { readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "chai";
import fc from "fast-check";
import type { Room } from "../../lab/imagined/imagined-pbx.ts";
import { dueEndpoints } from "../../lab/imagined/moves.ts";
import { readWavFacts } from "../../src/spool/wav-file.ts";
import { anyDay, endpointOfChannel, type Step } from "../support/call-scenarios.ts";
import { unhandledRejectionsDuring } from "../support/unhandled-rejections.ts";
import { until } from "../support/until.ts";
import { openBench, type RecordingBench } from "./recording-bench.ts";

const isDue = (name: string): boolean => dueEndpoints.includes(endpointOfChannel(name));

/** On which channels a MixMonitor may run, and of which groups of them one has to. */
function dueIn(rooms: readonly Room[]): readonly (readonly string[])[] {
  return rooms
    .map((room) => room.channels.filter(({ isHeld }) => !isHeld).map(({ name }) => name))
    .filter((talking) => talking.length > 1)
    .map((talking) => talking.filter(isDue))
    .filter((names) => names.length > 0);
}

/** A module on an imagined PBX, which can be killed and cut off while the day goes on. */
async function openDay(folder: string) {
  let bench: RecordingBench = await openBench(folder);
  await bench.resync.onConnected();
  const { asterisk } = bench;
  let isConnected = true;
  const recordedOnce = new Set<string>();

  const isTrue = (due: readonly (readonly string[])[]): boolean => {
    const recorded = asterisk.recordedChannels();
    return (
      due.every((names) => names.some((name) => recorded.includes(name))) &&
      recorded.every((name) => due.some((names) => names.includes(name)))
    );
  };

  return {
    get bench() {
      return bench;
    },
    recordedOnce,
    isConnected: () => isConnected,
    happen({ events, hungUp, snapshot }: Step): void {
      for (const name of hungUp) asterisk.hangUp(name);
      asterisk.snapshotChannels = snapshot;
      asterisk.onHold = new Set(snapshot.filter(({ onHold }) => onHold).map(({ name }) => name));
      if (isConnected) for (const event of events) bench.resync.onEvent(event);
    },
    /** Waits until Asterisk records exactly what is due. */
    async truth({ move, rooms }: Step): Promise<void> {
      const due = dueIn(rooms);
      await until(`after ${move}: ${JSON.stringify(due)}`, () => isTrue(due), 3000).catch((error: Error) => {
        throw new Error(`${error.message}, but ${JSON.stringify(asterisk.recordedChannels())}`);
      });
      for (const name of asterisk.recordedChannels()) recordedOnce.add(name);
    },
    async restart(): Promise<void> {
      isConnected = false;
      await bench.close();
      bench = await openBench(folder, { asterisk });
    },
    cutOff(): void {
      isConnected = false;
      asterisk.isCutOff = true;
      bench.resync.onDisconnected();
    },
    async connect(): Promise<void> {
      asterisk.isCutOff = false;
      isConnected = true;
      await bench.resync.onConnected();
    },
  };
}

type Day = Awaited<ReturnType<typeof openDay>>;

/** Nothing is left over, nothing is unsaid. */
async function expectClean({ bench, recordedOnce }: Day): Promise<void> {
  await bench.settled();
  const [calls, recordings] = [await bench.calls(), await bench.recordings()];
  expect(calls.filter((call) => call.outcome === null)).to.deep.equal([]);
  for (const recording of recordings) {
    expect(recording.state).to.be.oneOf(["finished", "failed"]);
    if (recording.state === "failed") expect(recording.reason_code).to.be.a("string");
    else
      expect((await readWavFacts(bench.spool.transferPath(recording.file_name ?? ""))).closed).to.equal(true);
  }
  const finished = recordings.filter((recording) => recording.state === "finished");
  for (const { call_id } of finished)
    expect(calls.find((call) => call.id === call_id)?.outcome).to.be.oneOf(["recorded", "failed"]);
  expect(readdirSync(bench.spool.transferFolder).sort()).to.deep.equal(
    finished.map((recording) => recording.file_name).sort(),
  );
  expect(readdirSync(bench.spool.openFolder)).to.deep.equal([]);
  expect(finished.length).to.be.at.least(recordedOnce.size);
  expect([bench.asterisk.recordedChannels(), bench.asterisk.doubled]).to.deep.equal([[], []]);
  expect([bench.monitor.liveCalls(), bench.recorder.running(), bench.conditions.list()]).to.deep.equal([
    [],
    [],
    [],
  ]);
  for (const recording of recordings) expect(bench.recorder.holds(recording.id)).to.equal(false);
}

/** Runs the days one after the other, each in a folder of its own. */
async function live(day: (day: Day) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "mitschnitt-day-"));
  const opened = await openDay(folder);
  try {
    const unhandled = await unhandledRejectionsDuring(async () => {
      await day(opened);
      await expectClean(opened);
    });
    expect(unhandled).to.deep.equal([]);
  } finally {
    await opened.bench.close();
    await rm(folder, { recursive: true });
  }
}

describe("recording through random days", function () {
  this.timeout(30_000);

  it("records at any time exactly what is due, and loses nothing of it", () =>
    fc.assert(
      fc.asyncProperty(anyDay(20), (steps) =>
        live(async (day) => {
          for (const step of steps) {
            day.happen(step);
            await day.truth(step);
          }
        }),
      ),
      { numRuns: 30 },
    ));

  it("leaves nothing over when everything happens at once", () =>
    fc.assert(
      fc.asyncProperty(anyDay(30), fc.infiniteStream(fc.nat(3)), (steps, turns) =>
        live(async (day) => {
          for (const step of steps) {
            day.happen(step);
            for (let left = turns.next().value ?? 0; left > 0; left--) await nextTurn();
          }
        }),
      ),
      { numRuns: 30 },
    ));

  it("comes to the same after a kill -9 at any point", () =>
    fc.assert(
      fc.asyncProperty(anyDay(20), fc.nat(15), fc.nat(4), (steps, from, missed) =>
        live(async (day) => {
          for (const [index, step] of steps.entries()) {
            if (index === from) await day.restart();
            day.happen(step);
            if (index === from + missed) await day.connect();
            if (day.isConnected()) await day.truth(step);
          }
          if (!day.isConnected()) await day.connect();
        }),
      ),
      { numRuns: 60 },
    ));

  it("comes to the same when the connection is lost at any point", () =>
    fc.assert(
      fc.asyncProperty(anyDay(20), fc.nat(15), fc.nat(4), (steps, from, missed) =>
        live(async (day) => {
          for (const [index, step] of steps.entries()) {
            if (index === from) day.cutOff();
            day.happen(step);
            if (index < from) await day.truth(step);
            if (index === from + missed) await day.connect();
          }
          if (!day.isConnected()) await day.connect();
        }),
      ),
      { numRuns: 40 },
    ));
});
