import { expect } from "chai";
import fc from "fast-check";
import type { CallEvent } from "../../src/core/call-event.ts";
import { createCallTracker } from "../../src/core/call-tracker.ts";
import { conversationsOf } from "../../src/core/conversation.ts";
import { decideRecording, indexMembers } from "../../src/core/recording-decision.ts";
import { planRecordings, type Wanted } from "../../src/core/recording-plan.ts";
import { anyDay, disturb, disturbances, dueEndpoints, type Step } from "../support/call-scenarios.ts";
import { dialling, replay, rule } from "../support/replay.ts";

const rules = [rule()];
const memberOf = indexMembers(rules);

/** Follows the calls that an event touches, and no others, as the monitor does: what is wanted, by channel. */
function createFollower() {
  const tracker = createCallTracker();
  const wanted = new Map<string, Wanted>();
  return {
    wanted,
    apply(event: CallEvent): void {
      for (const call of tracker.apply(event)) {
        const decided = conversationsOf(call, memberOf, dialling).map((conversation) => ({
          conversation,
          decision: decideRecording(conversation, rules),
        }));
        for (const uniqueid of call.channels.keys()) wanted.delete(uniqueid);
        for (const one of planRecordings(decided)) wanted.set(one.channel.uniqueid, one);
      }
    },
    calls: () => [...tracker.calls()],
  };
}

const snapshotAfter = ({ snapshot, events }: Step): CallEvent => ({
  type: "Snapshot",
  at: events.at(-1)?.at ?? new Date(0),
  channels: snapshot,
});

function expectTruth({ move, rooms }: Step, wanted: ReadonlyMap<string, Wanted>): void {
  const heardIn = new Map<string, readonly string[]>();
  for (const { channels, isOnHold } of rooms) {
    const all = channels.map((channel) => channel.uniqueid);
    const recordedHere = all.filter((uniqueid) => wanted.has(uniqueid));
    const isDue = channels.some(({ name }) =>
      dueEndpoints.some((endpoint) => name.startsWith(`${endpoint}-`)),
    );
    expect(recordedHere.length > 0, `${move}: somebody is due`).to.equal(isDue);
    for (const uniqueid of recordedHere)
      heardIn.set(uniqueid, isOnHold ? [] : all.filter((other) => other !== uniqueid).sort());
  }
  const planned = new Map([...wanted].map(([uniqueid, { heard }]) => [uniqueid, heard]));
  expect(Object.fromEntries(planned), move).to.deep.equal(Object.fromEntries(heardIn));
  for (const { channel } of wanted.values()) expect(dueEndpoints).to.include(channel.endpoint);
}

describe("random days on the PBX", () => {
  it("want exactly those recorded who are due, heard by exactly those who hear them", () => {
    fc.assert(
      fc.property(anyDay(30), (steps) => {
        const follower = createFollower();
        for (const step of steps) {
          for (const event of step.events) follower.apply(event);
          expectTruth(step, follower.wanted);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("look the same after a snapshot at any point", () => {
    fc.assert(
      fc.property(anyDay(20), fc.nat(20), (steps, from) => {
        const follower = createFollower();
        for (const [index, step] of steps.entries()) {
          for (const event of step.events) follower.apply(event);
          if (index >= from) follower.apply(snapshotAfter(step));
          expectTruth(step, follower.wanted);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("are understood by a module that comes in the middle, but for who is on hold", () => {
    fc.assert(
      fc.property(anyDay(20), fc.nat(19), (steps, from) => {
        const follower = createFollower();
        const first = steps[from];
        if (first === undefined || steps.slice(0, from + 1).some((step) => step.move === "hold")) return;
        follower.apply(snapshotAfter(first));
        expectTruth(
          { ...first, rooms: first.rooms.map((room) => ({ ...room, isOnHold: false })) },
          follower.wanted,
        );
      }),
      { numRuns: 300 },
    );
  });

  it("give each call exactly one outcome, and want nothing of calls that nobody answered", () => {
    fc.assert(
      fc.property(anyDay(30), (steps) => {
        const events = steps.flatMap((step) => step.events);
        const { outcomes, unfinished, steps: planned } = replay(events, rules);
        const begun = events.flatMap((event) =>
          event.type === "Newchannel" && event.channel.uniqueid === event.channel.linkedid
            ? [event.channel.linkedid]
            : [],
        );
        expect([...outcomes.keys()].sort()).to.deep.equal(begun.sort());
        expect(unfinished).to.deep.equal([]);
        const bridged = new Set(
          events.flatMap((event) => (event.type === "BridgeEnter" ? [event.channel.uniqueid] : [])),
        );
        for (const { wanted } of planned) expect(bridged.has(wanted.channel.uniqueid)).to.equal(true);
      }),
      { numRuns: 300 },
    );
  });

  it("end without a trace, whatever was lost, doubled or late", () => {
    fc.assert(
      fc.property(anyDay(25), disturbances, (steps, by) => {
        const events = disturb(
          steps.flatMap((step) => step.events),
          by,
        );
        const empty: CallEvent = { type: "Snapshot", at: new Date(Date.UTC(2026, 10, 3)), channels: [] };
        const follower = createFollower();
        for (const event of events) {
          follower.apply(event);
          for (const { channel } of follower.wanted.values())
            expect(dueEndpoints).to.include(channel.endpoint);
        }
        follower.apply(empty);
        expect([follower.calls(), [...follower.wanted]]).to.deep.equal([[], []]);
      }),
      { numRuns: 300 },
    );
  });

  it("are told the truth again by the next snapshot, whatever was lost", () => {
    fc.assert(
      fc.property(anyDay(20), disturbances, fc.nat(19), (steps, by, until) => {
        const upTo = steps.slice(0, until + 1);
        const last = upTo.at(-1);
        if (last === undefined || upTo.some((step) => step.move === "hold" || step.move === "consult"))
          return;
        const follower = createFollower();
        for (const event of disturb(
          upTo.flatMap((step) => step.events),
          by,
        ))
          follower.apply(event);
        follower.apply(snapshotAfter(last));
        expectTruth(last, follower.wanted);
      }),
      { numRuns: 300 },
    );
  });
});
