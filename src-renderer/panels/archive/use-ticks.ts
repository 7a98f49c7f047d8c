// Ticks of one instrument around a moment: read backward and forward as they come into sight, in bounded memory.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Failure } from '../../../src-shared/base/result.ts';
import type { Us } from '../../../src-shared/base/time.ts';
import type { Reach } from '../../../src-shared/contract/days.ts';
import { useLink } from '../../link/hooks.tsx';
import type { StreamKey } from './day.ts';
import {
  cursorAfter,
  cursorBefore,
  emptyStretch,
  grownAfter,
  grownBefore,
  started,
  type TickStretch,
} from './tick-list.ts';

const PAGE = 500;

/** Where the list begins: at the first tick at or after a time, or at the last one before it. */
export interface Seek {
  readonly us: Us;
  readonly direction: 'forward' | 'backward';
  /** Grows with each seek, so that the same time can be gone to again. */
  readonly nth: number;
}

export interface HeldTicks {
  readonly stretch: TickStretch;
  /** Grows with every answer: the shift of the stretch is meant once. */
  readonly version: number;
  /** The seek that the stretch belongs to. */
  readonly nth: number;
  readonly reach: Reach | null;
  readonly failure: Failure | null;
  readonly pending: boolean;
}

const nothing: HeldTicks = { stretch: emptyStretch, version: 0, nth: -1, reach: null, failure: null, pending: true };

export function useTicks(
  stream: StreamKey,
  seek: Seek,
): HeldTicks & { readEarlier(): void; readLater(): void; retry(): void } {
  const link = useLink();
  const { venue, market, symbol } = stream;
  const [held, setHeld] = useState<HeldTicks>(nothing);
  const [tries, setTries] = useState(0);
  const again = useMemo(() => ({ seek, tries }), [seek, tries]);
  const newest = useRef(held);
  newest.current = held;
  /** One page at a time each way: the next cursor is known only when the page is here. */
  const reading = useRef({ earlier: false, later: false });
  const generation = useRef(0);

  useEffect(() => {
    const { seek: wanted } = again;
    const control = new AbortController();
    generation.current += 1;
    reading.current = { earlier: false, later: false };
    setHeld((old) => ({ ...old, pending: true, failure: null }));
    void link
      .request(
        'analysis.ticks',
        { venue, market, symbol, direction: wanted.direction, atUs: wanted.us, limit: PAGE },
        control.signal,
      )
      .then((result) => {
        if (control.signal.aborted) return;
        setHeld((old) =>
          result.ok
            ? {
                stretch: started(result.value),
                version: old.version + 1,
                nth: wanted.nth,
                reach: result.value.reach,
                failure: null,
                pending: false,
              }
            : { ...nothing, version: old.version + 1, nth: wanted.nth, failure: result.failure, pending: false },
        );
      });
    return () => control.abort();
  }, [link, venue, market, symbol, again]);

  const read = useCallback(
    (way: 'earlier' | 'later'): void => {
      const { stretch, pending } = newest.current;
      const cursor = way === 'earlier' ? cursorBefore(stretch) : cursorAfter(stretch);
      if (cursor === null || pending || reading.current[way]) return;
      const mine = generation.current;
      reading.current[way] = true;
      void link
        .request('analysis.ticks', {
          venue,
          market,
          symbol,
          direction: way === 'earlier' ? 'backward' : 'forward',
          cursor,
          limit: PAGE,
        })
        .then((result) => {
          if (mine !== generation.current) return;
          reading.current[way] = false;
          setHeld((old) => {
            if (!result.ok) return { ...old, failure: result.failure };
            const grow = way === 'earlier' ? grownBefore : grownAfter;
            const page =
              result.value.ticks.length === 0 ? { ...result.value, before: null, after: null } : result.value;
            return {
              ...old,
              stretch: grow(old.stretch, page),
              version: old.version + 1,
              reach: result.value.reach,
              failure: null,
            };
          });
        });
    },
    [link, venue, market, symbol],
  );

  return {
    ...held,
    readEarlier: useCallback(() => read('earlier'), [read]),
    readLater: useCallback(() => read('later'), [read]),
    retry: () => setTries((count) => count + 1),
  };
}
