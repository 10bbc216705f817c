// What is wrong right now: raised and cleared by whoever notices, shown in page, status and log in the same words.
// A condition that is raised again while it holds keeps its start, so it is told once.

export interface Problem {
  /** Stable: `pbx-unreachable`, `settings-invalid`, `disk-full`. */
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export interface Condition extends Problem {
  /** What it is about: one of a kind, as `pbx`, `settings`, `target:nas`. */
  readonly subject: string;
  readonly since: Date;
}

export type ConditionChange =
  | { readonly type: "raised"; readonly condition: Condition }
  | { readonly type: "changed"; readonly condition: Condition }
  | { readonly type: "cleared"; readonly condition: Condition };

export interface Conditions {
  raise(subject: string, problem: Problem, now: Date): void;
  clear(subject: string): void;
  list(): readonly Condition[];
  onChange(listener: (change: ConditionChange) => void): () => void;
}

export function createConditions(): Conditions {
  const bySubject = new Map<string, Condition>();
  const listeners = new Set<(change: ConditionChange) => void>();
  const tell = (change: ConditionChange): void => {
    for (const listener of listeners) listener(change);
  };
  return {
    raise(subject, problem, now) {
      const before = bySubject.get(subject);
      if (before?.code === problem.code && before.message === problem.message) return;
      const condition: Condition = {
        subject,
        code: problem.code,
        message: problem.message,
        hint: problem.hint,
        since: before?.code === problem.code ? before.since : now,
      };
      bySubject.set(subject, condition);
      tell({ type: before?.code === problem.code ? "changed" : "raised", condition });
    },
    clear(subject) {
      const condition = bySubject.get(subject);
      if (condition === undefined) return;
      bySubject.delete(subject);
      tell({ type: "cleared", condition });
    },
    list: () => [...bySubject.values()].sort((a, b) => a.since.getTime() - b.since.getTime()),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
