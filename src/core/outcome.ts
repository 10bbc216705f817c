// How a call ended, and why: exactly one outcome for each call. Placeholder until the next commit.
export type OutcomeKind = "recorded" | "declined" | "not-due" | "failed";
