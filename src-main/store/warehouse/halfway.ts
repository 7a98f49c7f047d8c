// Facts reach the catalog before the rows that they speak of reach the hot database. Whoever reads between the two would believe a gap filled
// whose trades are not there: so whoever judges asks here first, then reads the facts, then the rows.
import { setTimeout as sleep } from 'node:timers/promises';

export interface Halfway {
  /** Facts are about to be ahead of their rows; asking again while they are changes nothing. */
  begin(): void;
  /** Facts and rows agree. */
  end(): void;
  /** Resolves when facts and rows agree (true), or after the time in which they did not (false: the rows cannot be written at present). */
  over(withinMs: number): Promise<boolean>;
}

export function openHalfway(): Halfway {
  let ending: Promise<void> | null = null;
  let release = (): void => undefined;
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
    over: async (withinMs) => {
      const until = performance.now() + withinMs;
      while (ending !== null) {
        const leftMs = until - performance.now();
        if (leftMs <= 0) return false;
        const waiting = new AbortController();
        const late = sleep(leftMs, undefined, { signal: waiting.signal }).catch(() => undefined);
        await Promise.race([ending, late]);
        waiting.abort();
      }
      return true;
    },
  };
}
