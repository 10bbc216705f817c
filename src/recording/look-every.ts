// Looks at something again and again, but never twice at once: a disk that does not answer is not asked again meanwhile.

/** The first time at once. Returns what ends it, and resolves when a look under way is over. */
export function lookEvery(
  everyMs: number,
  look: () => Promise<unknown>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let underWay: Promise<void> | undefined;
  const lookOnce = (): void => {
    underWay ??= look()
      .then(() => undefined, onError)
      .finally(() => {
        underWay = undefined;
      });
  };
  lookOnce();
  const timer = setInterval(lookOnce, everyMs);
  return async () => {
    clearInterval(timer);
    await underWay;
  };
}
