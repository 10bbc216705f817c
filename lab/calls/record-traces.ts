// Records the raw AMI events of one call for each kind of move, as test/traces keeps them:
//
//   node --import tsx lab/calls/record-traces.ts 22 [name …]

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAmi } from "../ami.ts";
import { type Lab, startLab } from "../lab.ts";
import { createLanes } from "./lanes.ts";
import { pbxControlOf } from "./pbx-control.ts";
import { perform } from "./perform.ts";
import type { CallPlan, Move, Opening } from "./plan.ts";
import { openRoom, type Room } from "./room.ts";

const TALK_MS = 600;
/** With a report a second: long enough for the next one. */
const RESTART_TALK_MS = 2_500;

const incoming: Opening = { kind: "direct", from: "xenia", to: "anna", plain: false };
const attended = { kind: "attended", by: "anna", to: "ben" } as const;

const situations: Readonly<Record<string, readonly [Opening, ...Move[]]>> = {
  "hold-by-called": [incoming, { kind: "hold", by: "anna", holdMs: 600, restart: false }],
  "hold-by-caller": [incoming, { kind: "hold", by: "xenia", holdMs: 600, restart: false }],
  "blind-refer": [incoming, { kind: "blind", by: "anna", to: "ben", how: "refer" }],
  "blind-dtmf": [incoming, { kind: "blind", by: "anna", to: "ben", how: "dtmf" }],
  "blind-ami": [incoming, { kind: "blind", by: "anna", to: "ben", how: "ami" }],
  "attended-refer": [incoming, { ...attended, how: "refer", ends: "completed" }],
  "attended-refer-cancelled": [incoming, { ...attended, how: "refer", ends: "cancelled" }],
  "attended-refer-busy": [incoming, { ...attended, how: "refer", ends: "busy" }],
  "attended-dtmf": [incoming, { ...attended, how: "dtmf", ends: "completed" }],
  "attended-dtmf-cancelled": [incoming, { ...attended, how: "dtmf", ends: "cancelled" }],
  "attended-dtmf-busy": [incoming, { ...attended, how: "dtmf", ends: "busy" }],
  forward: [{ kind: "forward", from: "xenia", via: "anna", to: "ben" }],
  "pickup-directed": [{ kind: "pickup", from: "xenia", via: "emil", to: "anna", how: "directed" }],
  "pickup-group": [{ kind: "pickup", from: "xenia", via: "emil", to: "anna", how: "group" }],
  park: [incoming, { kind: "park", by: "anna", how: "refer", takenBy: "ben" }],
  "park-dtmf": [incoming, { kind: "park", by: "anna", how: "dtmf", takenBy: "ben" }],
  "park-timeout": [incoming, { kind: "park", by: "anna", how: "refer" }],
  queue: [{ kind: "queue", from: "xenia", to: "anna", declinedBy: "ben" }],
  "ring-group": [{ kind: "ring-group", from: "xenia", to: "anna", declinedBy: "emil" }],
  conference: [{ kind: "conference", parties: ["xenia", "anna", "ben"] }],
  "local-optimised": [{ kind: "local", from: "xenia", to: "anna", stays: false }],
  "local-stays": [{ kind: "local", from: "xenia", to: "anna", stays: true }],
  "second-call": [incoming, { kind: "second-call", from: "emil", to: "anna" }],
  "rtp-restart": [incoming, { kind: "restart", by: "xenia" }],
  "rtp-restart-on-resume": [incoming, { kind: "hold", by: "xenia", holdMs: 600, restart: true }],
};

/** Their restart shows in the reports on RTP only. */
const reported = /^rtp-restart/;

async function record(lab: Lab, room: Room, version: string, name: string, plan: CallPlan): Promise<void> {
  const { amiLogin, ami } = lab.pbx;
  const events = reported.test(name) ? "call,reporting" : "call";
  const watcher = await connectAmi({ ...amiLogin, events });
  const lines: string[] = [];
  let zero: number | undefined;
  watcher.onEvent(({ Event }, raw) => {
    if (Event === "TestEvent") return; // from builds for Asterisk's own tests
    zero ??= performance.now();
    lines.push(`+${((performance.now() - zero) / 1000).toFixed(3)} ${raw.split("\r\n").join(" | ")}`);
  });
  try {
    await perform({ room, control: pbxControlOf(lab.pbx) }, plan);
    await lab.idle();
    await ami.action("Ping");
    await watcher.action("Ping"); // what was sent before its answer is here
  } finally {
    watcher.close();
  }
  const head = `# Asterisk ${version}, ${name}: desks 1 and 2 of room 1 (anna, ben), 5 (emil), line 1 (xenia); AMI lines joined by " | "`;
  const file = join(import.meta.dirname, `../../test/traces/a${version}-${name}.txt`);
  await writeFile(file, `${[head, ...lines].join("\n")}\n`);
}

async function main([version = "22", ...only]: readonly string[]): Promise<void> {
  if (version !== "22" && version !== "16")
    throw new RangeError(`version: expected 22 or 16, got ${version}`);
  const lab = await startLab({ version: version === "22" ? 22 : 16 });
  const room = await openRoom(lab.sipPort, 1, createLanes());
  try {
    for (const [name, [opening, ...moves]] of Object.entries(situations)) {
      if (only.length > 0 && !only.includes(name)) continue;
      const talk = reported.test(name) ? RESTART_TALK_MS : TALK_MS;
      const talkMs = [opening, ...moves].map(() => talk);
      room.use(createLanes());
      try {
        await record(lab, room, version, name, { seed: 0, opening, moves, talkMs, hangsUp: "caller" });
        console.log(`${name}: recorded`);
      } catch (error) {
        console.log(`${name}: ${error instanceof Error ? error.message : error}`);
        await lab.hangUpAll();
        await lab.idle();
      }
    }
  } finally {
    room.stop();
    await lab.stop();
  }
}

await main(process.argv.slice(2));
