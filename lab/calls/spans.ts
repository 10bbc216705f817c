// Stretches of time: what was heard, less what was recorded.

export interface Span {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** In order, none touches another. */
export function union(spans: readonly Span[]): Span[] {
  const joined: { fromMs: number; untilMs: number }[] = [];
  for (const { fromMs, untilMs } of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = joined.at(-1);
    if (last !== undefined && fromMs <= last.untilMs) last.untilMs = Math.max(last.untilMs, untilMs);
    else joined.push({ fromMs, untilMs });
  }
  return joined;
}

export function without(spans: readonly Span[], taken: readonly Span[]): Span[] {
  let left = union(spans);
  for (const { fromMs, untilMs } of taken) {
    left = left.flatMap((span) => {
      if (untilMs <= span.fromMs || fromMs >= span.untilMs) return [span];
      const before = { fromMs: span.fromMs, untilMs: fromMs };
      const after = { fromMs: untilMs, untilMs: span.untilMs };
      return [before, after].filter((part) => part.untilMs > part.fromMs);
    });
  }
  return left;
}

export const grown = (spans: readonly Span[], byMs: number): Span[] =>
  spans.map(({ fromMs, untilMs }) => ({ fromMs: fromMs - byMs, untilMs: untilMs + byMs }));

export const lengthMs = ({ fromMs, untilMs }: Span): number => untilMs - fromMs;
