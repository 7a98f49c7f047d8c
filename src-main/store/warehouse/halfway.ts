// Facts reach the catalog before the rows that they speak of reach the hot database. Whoever reads between the two would believe a gap filled
// whose trades are not there: so whoever judges asks here first, then reads the facts, then the rows.
import { setTimeout as sleep } from 'node:timers/promises';

export interface Halfway {
  /** Facts are about to be ahead of their rows; asking again while they are changes nothing. */
  begin(): void;
  /** Facts and rows agree. */
  end(): void;
  /** True when facts and rows agree; false after the time in which they did not: the rows cannot be written at present. */
  over(withinMs: number): Promise<boolean>;
  /** Reads facts in the moment in which that is known, so that no batch can begin in between. */
  read<T>(withinMs: number, facts: (agree: boolean) => T): Promise<T>;
}

export function openHalfway(): Halfway {
  let ending: Promise<void> | null = null;
  let release = (): void => undefined;
  const read = async <T>(withinMs: number, facts: (agree: boolean) => T): Promise<T> => {
    const until = performance.now() + withinMs;
    while (ending !== null) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) return facts(false);
      const waiting = new AbortController();
      // Nothing but our own abort ends it early.
      const late = sleep(leftMs, undefined, { signal: waiting.signal }).catch(() => undefined);
      await Promise.race([ending, late]);
      waiting.abort();
    }
    return facts(true);
  };
  return {
    begin: () => {
      ending ??= new Promise<void>((resolve) => {
        release = resolve;
      });
    },
    end: () => {
      ending = null;
      release();
    },
    over: (withinMs) => read(withinMs, (agree) => agree),
    read,
  };
}
