import { expect } from "chai";
import { describePlan, isLine } from "../../../lab/calls/plan.ts";
import { planCall } from "../../../lab/calls/plan-call.ts";

const plans = Array.from({ length: 400 }, (_, seed) => planCall(seed));

describe("plan of a random call", () => {
  it("is the same for the same seed, and says it on one line", () => {
    expect(planCall(7)).to.eql(planCall(7));
    expect(describePlan(planCall(7))).to.match(/^seed 7: .* hangs up$/);
    expect(new Set(plans.map(describePlan)).size).to.equal(plans.length);
  });

  it("brings every way to begin a call and every way to move it", () => {
    const openings = plans.map(({ opening }) => opening.kind);
    expect(new Set(openings)).to.have.all.keys(
      ..."direct ring-group queue forward local pickup conference unanswered".split(" "),
    );
    const moves = plans.flatMap((plan) =>
      plan.moves.map((move) => {
        switch (move.kind) {
          case "hold":
            return move.restart ? "hold with restart" : "hold";
          case "blind":
            return `blind ${move.how}`;
          case "attended":
            return `attended ${move.how} ${move.ends}`;
          case "park":
            return `park ${move.how} ${move.takenBy === undefined ? "timeout" : "taken"}`;
          default:
            return move.kind;
        }
      }),
    );
    const attended = ["refer", "dtmf"].flatMap((how) =>
      ["completed", "cancelled", "busy"].map((ends) => `attended ${how} ${ends}`),
    );
    expect(new Set(moves)).to.have.all.keys(
      ...["hold", "hold with restart", "restart", "blind refer", "blind dtmf", "blind ami"],
      ...attended,
      ...["park refer taken", "park refer timeout", "park dtmf taken", "second-call"],
    );
  });

  it("asks nobody to do what he cannot: only who talks moves, and lines are not reached from lines", () => {
    for (const { opening, moves } of plans) {
      if (opening.kind === "conference") continue;
      expect(opening.from).to.not.equal(opening.to);
      if (opening.kind === "direct") expect(isLine(opening.from) && isLine(opening.to)).to.equal(false);
      let talking: readonly string[] = [opening.from, opening.to];
      for (const move of moves) {
        if (move.kind === "second-call") {
          expect(talking).to.include(move.to).and.not.include(move.from);
          continue;
        }
        expect(talking).to.include(move.by);
        if (move.kind === "blind" || move.kind === "attended") expect(talking).to.not.include(move.to);
        const next =
          move.kind === "blind" || (move.kind === "attended" && move.ends === "completed")
            ? move.to
            : move.kind === "park"
              ? move.takenBy
              : undefined;
        if (next !== undefined) talking = talking.map((who) => (who === move.by ? next : who));
      }
    }
  });
});
