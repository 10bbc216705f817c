import { expect } from "chai";
import { excusedBy } from "../../../lab/calls/absences.ts";
import { createLanes, type Lane } from "../../../lab/calls/lanes.ts";
import type { Finding } from "../../../lab/calls/oracle.ts";
import type { CallPlan, Move } from "../../../lab/calls/plan.ts";
import { faultsIn } from "../../../lab/calls/verdict.ts";

const plan = (...moves: Move[]): CallPlan => ({
  seed: 0,
  opening: { kind: "direct", from: "xenia", to: "anna", plain: false },
  moves,
  talkMs: [],
  hangsUp: "caller",
});

function spoken(): Lane {
  const lane = createLanes().open("anna", 1);
  lane.sound(0, 8_000);
  return lane;
}

const missing = (lane: Lane, fromMs: number, lengthMs: number): Finding => ({
  kind: "missing",
  lane,
  fromMs,
  lengthMs,
});
const none = { stalls: [], excused: [] };

describe("verdict on a random call", () => {
  it("excuses 100 ms of a voice for each coming, going and move, in pieces of 200 at most", () => {
    const lane = spoken();
    const gaps = [0, 1_000, 2_000].map((fromMs) => missing(lane, fromMs, 90));
    expect(faultsIn(plan(), gaps, none)).to.eql([gaps[2]]);
    expect(faultsIn(plan({ kind: "hold", by: "anna", holdMs: 500, restart: false }), gaps, none)).to.eql([]);
    expect(faultsIn(plan(), [missing(lane, 0, 210)], none)).to.have.length(1);
  });

  it("excuses one interval of reports for each restart of RTP that nobody announced", () => {
    const lane = spoken();
    const gaps = [missing(lane, 0, 1_050), missing(lane, 3_000, 1_050)];
    expect(faultsIn(plan({ kind: "restart", by: "anna" }), gaps, none)).to.eql([gaps[1]]);
  });

  it("excuses nothing that should not be there, but the PBX's own beep", () => {
    const finding: Finding = { kind: "too-much", lane: spoken(), fromMs: 0, lengthMs: 300 };
    expect(faultsIn(plan({ kind: "blind", by: "anna", to: "ben", how: "dtmf" }), [finding], none)).to.eql([
      finding,
    ]);
    const attended = { kind: "attended", by: "anna", to: "ben", how: "dtmf", ends: "completed" } as const;
    expect(faultsIn(plan(attended), [finding], none)).to.eql([]);
  });

  it("excuses what a stall of the phones costs, where and when it happened", () => {
    const lane = spoken();
    const at = lane.beganAtMs + 2_000;
    const stalls = [{ fromMs: at, untilMs: at + 80 }];
    const gaps = [missing(lane, 2_050, 230), missing(lane, 5_000, 230), missing(lane, 2_100, 400)];
    expect(faultsIn(plan(), gaps, { stalls, excused: [] })).to.eql([gaps[1], gaps[2]]);
  });

  it("excuses a change in an absence of the module, from the change to its return, and no quiet absence", () => {
    const away = [{ fromMs: 10_000, untilMs: 12_000 }];
    expect(excusedBy(away, [{ fromMs: 5_000, untilMs: 6_000 }])).to.eql([]);
    const excused = excusedBy(away, [{ fromMs: 11_000, untilMs: 14_000 }]);
    expect(excused).to.eql([{ fromMs: 10_900, untilMs: 13_000 }]);
    const lane = spoken();
    const from = 10_900 - lane.beganAtMs;
    expect(faultsIn(plan(), [missing(lane, from, 2_100)], { stalls: [], excused })).to.eql([]);
    const [left] = faultsIn(plan(), [missing(lane, from, 2_500)], { stalls: [], excused });
    expect(left).to.include({ lengthMs: 400 });
  });
});
