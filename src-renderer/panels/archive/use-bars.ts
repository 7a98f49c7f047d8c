// Bars of one instrument as they are read: the newest at once, earlier ones when they come into sight, within a bound.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Failure } from '../../../src-shared/base/result.ts';
import type { Window } from '../../../src-shared/base/time.ts';
import type { Bar, BarInterval, Reach } from '../../../src-shared/contract/analysis.ts';
import { useLink, useRequest } from '../../link/hooks.tsx';
import { MOST_BARS, mergeBars } from './bars.ts';
import type { StreamKey } from './day.ts';

const PAGE = 5000;
const EVERY_MS = 5000;

export interface HeldBars {
  /** Another key is another picture. */
  readonly key: string;
  readonly bars: readonly Bar[];
  readonly priceScale: number;
  readonly volumeScale: number;
  readonly reach: Reach | null;
  readonly pending: boolean;
  readonly failure: Failure | null;
  readonly readingEarlier: boolean;
  /** Reads what lies before the oldest bar that is here, if there is anything. */
  readEarlier(): void;
  retry(): void;
}

export function useBars(stream: StreamKey, interval: BarInterval, window: Window, growing: boolean): HeldBars {
  const link = useLink();
  const { venue, market, symbol } = stream;
  const { fromUs, toUs } = window;
  const key = `${venue}:${market}:${symbol} ${interval} ${fromUs} ${toUs}`;
  const base = useRequest(
    'analysis.bars',
    { venue, market, symbol, interval, fromUs, toUs, limit: PAGE },
    { everyMs: growing ? EVERY_MS : false },
  );
  const [held, setHeld] = useState<{ key: string; bars: readonly Bar[]; earlier: boolean }>({
    key,
    bars: [],
    earlier: false,
  });
  const [earlierOf, setEarlierOf] = useState<string | null>(null);
  const reading = useRef<AbortController | null>(null);

  const { data } = base;
  useEffect(() => {
    if (!data) return;
    setHeld((old) =>
      old.key === key && old.bars.length > 0
        ? { ...old, bars: mergeBars(old.bars, data.bars) }
        : { key, bars: data.bars, earlier: data.earlier },
    );
  }, [data, key]);
  useEffect(() => () => reading.current?.abort(), []);

  const current = held.key === key ? held : null;
  const first = current?.bars[0]?.us;
  const canReadEarlier = current?.earlier === true && current.bars.length < MOST_BARS;
  const readEarlier = useCallback((): void => {
    if (!canReadEarlier || first === undefined || reading.current) return;
    const control = new AbortController();
    reading.current = control;
    setEarlierOf(key);
    void link
      .request('analysis.bars', { venue, market, symbol, interval, fromUs, toUs: first, limit: PAGE }, control.signal)
      .then((result) => {
        if (reading.current === control) reading.current = null;
        setEarlierOf(null);
        setHeld((old) => {
          if (old.key !== key) return old;
          // What failed is not asked for again and again by every move of the chart; a new length of bars tries anew.
          if (!result.ok) return { ...old, earlier: false };
          return { key, bars: mergeBars(old.bars, result.value.bars), earlier: result.value.earlier };
        });
      });
  }, [canReadEarlier, first, key, link, venue, market, symbol, interval, fromUs]);

  return useMemo(
    () => ({
      key,
      bars: current?.bars ?? data?.bars ?? [],
      priceScale: data?.priceScale ?? 2,
      volumeScale: data?.volumeScale ?? 2,
      reach: data?.reach ?? null,
      pending: base.isPending,
      failure: base.error && !data ? base.error.failure : null,
      readingEarlier: earlierOf === key,
      readEarlier,
      retry: () => void base.refetch(),
    }),
    [key, current, data, base.isPending, base.error, base.refetch, earlierOf, readEarlier],
  );
}
