// Spans of time, put together and taken out of each other. Half open: the last millisecond is not in it.

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The same time without overlaps, in order. */
export function united(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = result.at(-1);
    if (span.toMs <= span.fromMs) continue;
    if (last === undefined || span.fromMs > last.toMs) result.push(span);
    else if (span.toMs > last.toMs) result[result.length - 1] = { ...last, toMs: span.toMs };
  }
  return result;
}

/** What is left of `spans` beside `others`. */
export function without(spans: readonly Span[], others: readonly Span[]): readonly Span[] {
  return others.reduce<readonly Span[]>(
    (left, other) =>
      left.flatMap(({ fromMs, toMs }) =>
        [
          { fromMs, toMs: Math.min(toMs, other.fromMs) },
          { fromMs: Math.max(fromMs, other.toMs), toMs },
        ].filter((part) => part.toMs > part.fromMs),
      ),
    spans,
  );
}

export const totalMs = (spans: readonly Span[]): number =>
  spans.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
