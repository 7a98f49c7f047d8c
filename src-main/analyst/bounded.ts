// Work in a sandbox that ends in time: interrupted when cancelled or too late, and when interrupting does not help, ended with the whole process.
// Promises: a statement never outlives its limit by more than the patience given to an interrupt.
import type { DuckConnection } from '../base/duck.ts';
import type { Stop } from './trouble.ts';

/** How long an interrupted statement may take to notice. */
const PATIENCE_MS = 2000;
const AGAIN_MS = 100;

export interface Bounded {
  readonly signal: AbortSignal;
  readonly stop: Stop | undefined;
  end(stop: Stop): void;
  /** The statement is over, whichever way. */
  over(): void;
}

/** `lastResort` ends the process and does not come back; it is told why. */
export function bounded(
  connection: Pick<DuckConnection, 'interrupt'>,
  timeLimitMs: number,
  lastResort: (why: string) => void,
): Bounded {
  const controller = new AbortController();
  let stop: Stop | undefined;
  let again: NodeJS.Timeout | undefined;
  let last: NodeJS.Timeout | undefined;
  const end = (why: Stop): void => {
    if (stop !== undefined) return;
    stop = why;
    controller.abort();
    connection.interrupt();
    // An interrupt between two steps of a statement is lost on DuckDB: it is told again until it has ended.
    again = setInterval(() => connection.interrupt(), AGAIN_MS);
    last = setTimeout(
      () =>
        lastResort(
          `a query did not stop within ${PATIENCE_MS / 1000} s of being ${why === 'time' ? 'out of time' : 'cancelled'}`,
        ),
      PATIENCE_MS,
    );
  };
  const limit = setTimeout(() => end('time'), timeLimitMs);
  return {
    signal: controller.signal,
    get stop() {
      return stop;
    },
    end,
    over: () => {
      clearTimeout(limit);
      clearTimeout(last);
      clearInterval(again);
    },
  };
}
