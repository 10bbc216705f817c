import { expect } from "chai";
import { type Cdr, seenFromOther } from "../../src/core/cdr.ts";
import {
  type LedgerCall,
  type LedgerRecording,
  type Measure,
  reconcile,
  reconcileUnknown,
  type Story,
} from "../../src/core/reconciliation.ts";
import type { Rule } from "../../src/core/rule.ts";
import type { TimelineEntry } from "../../src/core/timeline.ts";
import { cdr } from "../support/cdr-lines.ts";

const at = (seconds: number): Date => new Date(Date.parse("2026-11-25T10:00:00Z") + seconds * 1000);

const rule: Rule = {
  id: "sales",
  name: "Sales",
  enabled: true,
  members: [
    { extension: "10", name: "Alice", endpoints: ["PJSIP/alice"] },
    { extension: "11", name: "Bob", endpoints: ["PJSIP/bob"] },
  ],
  directions: { incoming: true, outgoing: true, internal: false },
  whileOnHold: "stop",
  afterLeaving: "stop",
};

const measure: Measure = {
  rules: [rule],
  dialling: { trunks: ["PJSIP/trunk"] },
  cdrsFrom: at(-3600),
  settledBefore: at(3600),
};

const call = (facts: Partial<LedgerCall> = {}): LedgerCall => ({
  id: "c1",
  linkedid: "1795600800.1",
  startedAt: at(0.4),
  answeredAt: at(5.3),
  endedAt: at(60.2),
  from: "0301234567",
  to: "100",
  outcome: "recorded",
  reasonCode: "by-rule",
  isLive: false,
  ...facts,
});

const notDue = (reasonCode: string, answeredAt?: Date): LedgerCall =>
  call({ outcome: "not-due", reasonCode, answeredAt });

const recording = (fromSeconds: number, seconds: number): LedgerRecording => ({
  startedAt: at(fromSeconds),
  endedAt: at(fromSeconds + seconds),
  durationMs: seconds * 1000,
  cutOff: undefined,
});

const whole = [recording(5.3, 54.9)];
const entry = (seconds: number, kind: TimelineEntry["kind"]): TimelineEntry => ({
  at: at(seconds),
  kind,
  params: {},
});

const verdict = (story: Partial<Story>, how: Partial<Measure> = {}) =>
  reconcile(
    { calls: [call()], recordings: whole, timeline: [], cdrs: [cdr()], ...story },
    { ...measure, ...how },
  );
const kinds = (story: Partial<Story>, how: Partial<Measure> = {}): string[] =>
  verdict(story, how).differences.map(({ kind }) => kind);

/** As the PBX wrote them for calls that the ledger has right. */
const loser = cdr({ disposition: "NO ANSWER", dstChannel: "PJSIP/bob-00000003", answeredSeconds: 0 });

describe("reconciliation", () => {
  it("finds nothing in a recorded call of a ring group", () => {
    expect(verdict({ cdrs: [loser, cdr()] })).to.deep.equal({ settled: true, differences: [] });
  });

  it("names a call of which the PBX has no CDR, unless the CDRs begin later", () => {
    expect(verdict({ cdrs: [] }).differences).to.deep.equal([
      {
        kind: "no-cdr",
        callId: "c1",
        linkedid: "1795600800.1",
        startedAt: at(0.4),
        params: { from: "0301234567", to: "100" },
      },
    ]);
    expect(kinds({ cdrs: [] }, { cdrsFrom: at(1) })).to.deep.equal([]);
  });

  it("misses no CDR of a call that nobody answered, since the PBX may keep none", () => {
    for (const reasonCode of ["nobody-dialled", "abandoned", "unreachable"])
      expect(kinds({ calls: [notDue(reasonCode)], recordings: [], cdrs: [] })).to.deep.equal([]);
    expect(kinds({ calls: [notDue("no-member")], recordings: [], cdrs: [] })).to.deep.equal(["no-cdr"]);
  });

  it("names a call without an outcome whose CDRs have ended, and no call that the module holds", () => {
    const open = call({ outcome: undefined, endedAt: undefined });
    expect(kinds({ calls: [open] })).to.deep.equal(["no-outcome"]);
    expect(verdict({ calls: [{ ...open, isLive: true }] })).to.deep.equal({
      settled: false,
      differences: [],
    });
  });

  it("waits for what may still be written", () => {
    const just = { settledBefore: at(60) };
    expect(verdict({ recordings: [], cdrs: [] }, just)).to.deep.equal({ settled: false, differences: [] });
    const open = call({ outcome: undefined, endedAt: undefined });
    expect(verdict({ calls: [open] }, just).settled).to.equal(false);
  });

  it("names a member who talked in a call without a conversation", () => {
    const story = { calls: [notDue("no-answer")], recordings: [] };
    expect(verdict(story).differences[0]).to.deep.include({
      kind: "no-conversation",
      params: { member: "10", seconds: 55 },
    });
  });

  it("finds no conversation where party B is missing, a Local channel, or nobody answered", () => {
    const cdrs: Cdr[] = [
      cdr({ dstChannel: "", lastApp: "Playback", channel: "PJSIP/alice-00000002" }),
      cdr({ dstChannel: "Local/12@from-internal-00000002;1", channel: "PJSIP/alice-00000002" }),
      // A caller who gave up in a queue: answered by the queue, by nobody else.
      cdr({ disposition: "NO ANSWER", lastApp: "Queue", answeredAt: at(0), answeredSeconds: 60 }),
    ];
    expect(kinds({ calls: [notDue("nobody-dialled")], recordings: [], cdrs })).to.deep.equal([]);
  });

  it("finds no conversation of a member in what people outside the group said", () => {
    const cdrs = [cdr({ dstChannel: "PJSIP/carol-00000002" })];
    expect(kinds({ calls: [notDue("no-member")], recordings: [], cdrs })).to.deep.equal([]);
  });

  it("names a recording that was due and is not there", () => {
    const story = { calls: [notDue("by-rule", at(5.3))], recordings: [] };
    expect(verdict(story).differences[0]).to.deep.include({
      kind: "no-recording",
      params: { member: "10", seconds: 55, rule: "Sales" },
    });
  });

  it("misses no recording that the rules of then did not want", () => {
    const internal = cdr({ channel: "PJSIP/carol-00000001" });
    const story = { calls: [notDue("direction-off", at(5.3))], recordings: [], cdrs: [internal] };
    expect(kinds(story)).to.deep.equal([]);
    const off = { rules: [{ ...rule, enabled: false }] };
    expect(kinds({ ...story, cdrs: [cdr()] }, off)).to.deep.equal([]);
    const incomingOff = { rules: [{ ...rule, directions: { ...rule.directions, incoming: false } }] };
    expect(kinds({ ...story, cdrs: [cdr()] }, incomingOff)).to.deep.equal([]);
  });

  it("leaves the direction of a conference open", () => {
    const met = cdr({
      channel: "PJSIP/alice-00000001",
      dstChannel: "PJSIP/trunk-00000002",
      lastApp: "ConfBridge",
    });
    const story = { calls: [notDue("direction-off", at(5.3))], recordings: [], cdrs: [met] };
    expect(kinds(story)).to.deep.equal(["no-recording"]);
    const incomingOff = { rules: [{ ...rule, directions: { ...rule.directions, incoming: false } }] };
    expect(kinds(story, incomingOff)).to.deep.equal([]);
  });

  it("takes a conference for the talk of who came first, since the other has a call of his own", () => {
    const met = cdr({
      channel: "PJSIP/trunk-00000001",
      dstChannel: "PJSIP/alice-00000002",
      lastApp: "ConfBridge",
    });
    const story = { calls: [notDue("nobody-dialled")], recordings: [] };
    expect(kinds({ ...story, cdrs: [met] })).to.deep.equal([]);
    expect(kinds({ ...story, cdrs: [seenFromOther(met)] })).to.deep.equal(["no-conversation"]);
  });

  it("misses nothing where the ledger itself says that something is missing", () => {
    for (const outcome of ["failed", "declined"] as const)
      expect(kinds({ calls: [call({ outcome })], recordings: [] })).to.deep.equal([]);
  });

  it("finds the second member's recording missing after a transfer", () => {
    const toBob = cdr({
      dstChannel: "PJSIP/bob-00000003",
      startedAt: at(60),
      answeredAt: at(60),
      endedAt: at(90),
    });
    const calls = [call({ endedAt: at(90.2) })];
    expect(kinds({ calls, cdrs: [cdr(), toBob] })).to.deep.equal(["no-recording"]);
    const both = [...whole, recording(60.2, 30)];
    expect(kinds({ calls, cdrs: [cdr(), toBob], recordings: both })).to.deep.equal([]);
  });

  it("finds the short talk after a long ringing, which the CDR counts as well", () => {
    const toBob = cdr({
      dstChannel: "PJSIP/bob-00000003",
      startedAt: at(60),
      answeredAt: at(60),
      endedAt: at(62),
    });
    const calls = [call({ endedAt: at(62.1) })];
    expect(
      kinds({ calls, cdrs: [cdr(), toBob], recordings: [...whole, recording(61.3, 0.8)] }),
    ).to.deep.equal([]);
  });

  it("finds the talk of a CDR whose whole seconds hardly touch it", () => {
    const short = cdr({ startedAt: at(5), answeredAt: at(6), endedAt: at(7) });
    const calls = [call({ endedAt: at(7.9) })];
    for (const from of [6.9, 7.05])
      expect(kinds({ calls, cdrs: [short], recordings: [recording(from, 0.8)] })).to.deep.equal([]);
  });

  it("takes the recording from whichever call of the story has it", () => {
    // As measured for an attended REFER: the caller's CDR with the new peer is under the first call's linkedid.
    const calls = [
      call({ outcome: "not-due", reasonCode: "no-member", answeredAt: undefined, endedAt: at(60) }),
      call({ id: "c2", linkedid: "1795600805.3", startedAt: at(20), answeredAt: at(22), endedAt: at(60) }),
    ];
    const cdrs = [
      cdr({ dstChannel: "PJSIP/sip1-00000002", endedAt: at(30) }),
      cdr({ channel: "PJSIP/sip1-00000003", linkedid: "1795600805.3", startedAt: at(20), endedAt: at(30) }),
      cdr({ startedAt: at(30), answeredAt: at(30), endedAt: at(60) }),
    ];
    expect(kinds({ calls, cdrs, recordings: [recording(22, 38)] })).to.deep.equal([]);
    expect(kinds({ calls, cdrs, recordings: [] })).to.deep.equal(["no-recording"]);
  });

  it("names a recorded call that nobody answered", () => {
    expect(kinds({ cdrs: [loser] })).to.deep.equal(["nobody-answered"]);
  });

  it("names a recording far shorter than the talk", () => {
    const short = [{ ...recording(5.3, 54.9), durationMs: 20_000 }];
    expect(verdict({ recordings: short }).differences[0]).to.deep.include({
      kind: "recorded-too-short",
      params: { seconds: 55, recordedSeconds: 20 },
    });
    expect(kinds({ recordings: [recording(5.3, 48)] })).to.deep.equal([]);
  });

  it("takes hold, park and absence of a member as an explanation, as far as they go", () => {
    const short = [{ ...recording(5.3, 54.9), durationMs: 20_000 }];
    for (const [began, ended] of [
      ["hold", "resume"],
      ["parked", "unparked"],
      ["left", "talk"],
    ] as const) {
      expect(kinds({ recordings: short, timeline: [entry(10, began), entry(45, ended)] })).to.deep.equal([]);
      expect(
        kinds({ recordings: short, timeline: [entry(10, began), entry(12, ended)] }),
        began,
      ).to.deep.equal(["recorded-too-short"]);
    }
    expect(kinds({ recordings: short, timeline: [entry(25, "hold")] })).to.deep.equal([]);
    expect(kinds({ recordings: short, timeline: [entry(40, "unobserved")] })).to.deep.equal([]);
    expect(kinds({ recordings: short.map((one) => ({ ...one, cutOff: "stuck" as const })) })).to.deep.equal(
      [],
    );
  });

  it("does not take the waiting in a queue for talk", () => {
    const queued = cdr({ lastApp: "Queue", answeredAt: at(0), endedAt: at(600), answeredSeconds: 600 });
    const calls = [call({ answeredAt: at(580), endedAt: at(600) })];
    expect(kinds({ calls, cdrs: [queued], recordings: [recording(580, 20)] })).to.deep.equal([]);
  });

  it("names a call that the ledger does not have, once it is over", () => {
    const unknown = {
      linkedid: "1795600800.9",
      startedAt: at(0),
      endedAt: at(60),
      source: "0301",
      destination: "100",
    };
    const when = { settledBefore: at(3600), ledgerFrom: at(-60) };
    expect(reconcileUnknown(unknown, when).differences).to.deep.equal([
      {
        kind: "not-in-ledger",
        callId: undefined,
        linkedid: "1795600800.9",
        startedAt: at(0),
        params: { from: "0301", to: "100" },
      },
    ]);
    expect(reconcileUnknown(unknown, { ...when, settledBefore: at(60) }).settled).to.equal(false);
    for (const ledgerFrom of [at(30), undefined])
      expect(reconcileUnknown(unknown, { ...when, ledgerFrom }).differences).to.deep.equal([]);
  });
});
