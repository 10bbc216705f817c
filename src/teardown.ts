// Takes down what was put up, in the opposite order. A step that fails keeps no later one from its turn: the lock is let
// go also when the pages did not close.

export interface Teardown {
  add(step: () => unknown): void;
  /** Asked twice, it is done once; never rejects. */
  run(): Promise<void>;
}

export function createTeardown(onError: (error: unknown) => void): Teardown {
  const steps: (() => unknown)[] = [];
  let running: Promise<void> | undefined;
  const runAll = async (): Promise<void> => {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      try {
        await step();
      } catch (error) {
        onError(error);
      }
    }
  };
  return {
    add: (step) => {
      steps.push(step);
    },
    run: () => {
      running ??= runAll();
      return running;
    },
  };
}
