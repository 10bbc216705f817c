// Tells listeners that something has changed, without flooding them when a thousand small files are delivered.

export interface ChangeSignal {
  tell(): void;
  /** The returned function takes the listener away. */
  listen(listener: () => void): () => void;
  end(): void;
}

/** The first change is told at once, those that follow at most once in each period. */
export function createChangeSignal(periodMs: number): ChangeSignal {
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;
  let changed = false;
  const announce = (): void => {
    changed = false;
    for (const listener of listeners) listener();
    timer = setTimeout(() => {
      timer = undefined;
      if (changed) announce();
    }, periodMs);
    timer.unref();
  };
  return {
    tell(): void {
      changed = true;
      if (timer === undefined) announce();
    },
    listen(listener: () => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    end(): void {
      clearTimeout(timer);
      listeners.clear();
    },
  };
}
