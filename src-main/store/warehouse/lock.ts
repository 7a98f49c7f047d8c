// Who may write the hot database: the commit loop or the sealing, never both. First come, first served.

export interface Lock {
  /** Runs `work` when all that asked before have ended. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

const over = (): void => undefined;

export function openLock(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run: <T>(work: () => Promise<T>): Promise<T> => {
      const mine = last.then(work, work);
      // Whoever asked sees a failure; those behind only wait until it is over.
      last = mine.then(over, over);
      return mine;
    },
  };
}
