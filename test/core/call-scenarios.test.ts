import { expect } from "chai";
import fc from "fast-check";
import { dueEndpoints } from "../../lab/imagined/moves.ts";
import type { CallEvent } from "../../src/core/call-event.ts";
import { createCallTracker } from "../../src/core/call-tracker.ts";
import { conversationsOf } from "../../src/core/conversation.ts";
import { decideRecording, indexMembers } from "../../src/core/recording-decision.ts";
import { planRecordings, type Wanted } from "../../src/core/recording-plan.ts";
import { anyDay, disturb, disturbances, type Step } from "../support/call-scenarios.ts";
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

const isDue = ({ name }: { readonly name: string }): boolean =>
  dueEndpoints.some((endpoint) => name.startsWith(`${endpoint}-`));

const heardOf = (wanted: Wanted | undefined): string[] =>
  (wanted?.heard ?? []).map((peer) => peer.uniqueid).sort();

/** Each member who talks is recorded with all who talk with him, or another member's recording has him. */
function expectTruth({ move, rooms }: Step, wanted: ReadonlyMap<string, Wanted>): void {
  const accounted = new Set<string>();
  for (const { channels } of rooms) {
    const talking = channels.filter((channel) => !channel.isHeld).map(({ uniqueid }) => uniqueid);
    const others = (uniqueid: string): string[] => talking.filter((other) => other !== uniqueid).sort();
    const recorded = channels.filter((channel) => heardOf(wanted.get(channel.uniqueid)).length > 0);
    for (const { uniqueid } of recorded) {
      expect(talking, `${move}: talks`).to.include(uniqueid);
      expect(heardOf(wanted.get(uniqueid)), move).to.deep.equal(others(uniqueid));
    }
    const dueHere = channels.filter((channel) => isDue(channel) && talking.includes(channel.uniqueid));
    if (talking.length > 1) expect(recorded.length > 0, `${move}: is due`).to.equal(dueHere.length > 0);
    for (const { uniqueid } of channels.filter(isDue)) {
      expect(wanted.has(uniqueid), `${move}: is followed`).to.equal(true);
      accounted.add(uniqueid);
    }
  }
  expect([...wanted.keys()].sort(), move).to.deep.equal([...accounted].sort());
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
