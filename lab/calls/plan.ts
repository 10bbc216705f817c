// What happens in one random call: who calls whom, which moves follow, who hangs up. Plain data, made from a seed
// (plan-call.ts), carried out by real phones (perform.ts).

/** Group one: anna, ben, cora. Group two: dora. In no group: emil, fritz. Outside, on lines: xenia, yves. */
export const DESKS = ["anna", "ben", "cora", "dora", "emil", "fritz"] as const;
export const LINES = ["xenia", "yves"] as const;
export const ROLES = [...DESKS, ...LINES] as const;

export type Desk = (typeof DESKS)[number];
export type Line = (typeof LINES)[number];
export type Role = Desk | Line;

export const isLine = (role: Role): role is Line => role === "xenia" || role === "yves";

export type Opening =
  /** `plain`: without features, so nobody in between listens for digits. */
  | { readonly kind: "direct"; readonly from: Role; readonly to: Role; readonly plain: boolean }
  | { readonly kind: "ring-group"; readonly from: Role; readonly to: Role; readonly declinedBy?: Role }
  | { readonly kind: "queue"; readonly from: Role; readonly to: Role; readonly declinedBy?: Role }
  /** `via` sends the caller on by 302. */
  | { readonly kind: "forward"; readonly from: Role; readonly via: Desk; readonly to: Role }
  | { readonly kind: "local"; readonly from: Role; readonly to: Desk; readonly stays: boolean }
  /** It rings at `via`, and `to` takes it. */
  | {
      readonly kind: "pickup";
      readonly from: Role;
      readonly via: Desk;
      readonly to: Desk;
      readonly how: "directed" | "group";
    }
  | { readonly kind: "conference"; readonly parties: readonly [Role, Role, ...Role[]] }
  | {
      readonly kind: "unanswered";
      readonly from: Role;
      readonly to: Role;
      readonly why: "busy" | "declined" | "abandoned";
    };

export type Move =
  /** With a restart, the audio of `by` begins anew on resume, with lower numbers. */
  | { readonly kind: "hold"; readonly by: Role; readonly holdMs: number; readonly restart: boolean }
  /** A re-INVITE without any hold, the audio of `by` begins anew. */
  | { readonly kind: "restart"; readonly by: Role }
  | { readonly kind: "blind"; readonly by: Desk; readonly to: Role; readonly how: "refer" | "dtmf" | "ami" }
  | {
      readonly kind: "attended";
      readonly by: Desk;
      readonly to: Role;
      readonly how: "refer" | "dtmf";
      readonly ends: "completed" | "cancelled" | "busy";
    }
  /** Without `takenBy` it stays parked until it comes back to `by`. */
  | {
      readonly kind: "park";
      readonly by: Desk;
      readonly how: "refer" | "dtmf";
      readonly takenBy?: Desk;
    }
  /** `from` calls `to`, who puts the first call on hold for it. */
  | { readonly kind: "second-call"; readonly from: Role; readonly to: Desk };

export interface CallPlan {
  readonly seed: number;
  readonly opening: Opening;
  /** After the opening and after each move people talk this long. */
  readonly talkMs: readonly number[];
  readonly moves: readonly Move[];
  readonly hangsUp: "caller" | "called";
}

/** On one line, for a failing test: `direct xenia → anna · hold by anna (800 ms) · …`. */
export function describePlan({ seed, opening, moves, talkMs, hangsUp }: CallPlan): string {
  const steps = [opening, ...moves].map((step, index) => {
    const { kind, ...facts } = step;
    const words = Object.entries(facts).map(([name, value]) => `${name}=${[value].flat().join("+")}`);
    return `${kind} ${words.join(" ")} [${talkMs[index] ?? 0} ms]`;
  });
  return `seed ${seed}: ${steps.join(" · ")} · ${hangsUp} hangs up`;
}
