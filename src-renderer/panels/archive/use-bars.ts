// Bars of one instrument as they are read: the newest at once, earlier ones when they come into sight, within a bound.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Failure } from '../../../src-shared/base/result.ts';
import { MINUTE_US, type Us, type Window } from '../../../src-shared/base/time.ts';
import { type Bar, type BarInterval, barIntervalUs, type Reach } from '../../../src-shared/contract/analysis.ts';
import { useLink, useRequest } from '../../link/hooks.tsx';
import { digitsOf, MOST_BARS, mergeBars } from './bars.ts';
import type { StreamKey } from './day.ts';

const PAGE = 5000;
const EVERY_MS = 5000;
const none: readonly Bar[] = [];

interface Held {
  readonly key: string;
  readonly bars: readonly Bar[];
  /** What lies before this was not read yet. */
  readonly readFromUs: Us;
  readonly earlier: boolean;
  readonly priceScale: number;
  readonly volumeScale: number;
  readonly reach: Reach | null;
}

export interface HeldBars extends Pick<Held, 'key' | 'bars' | 'priceScale' | 'volumeScale' | 'reach'> {
  readonly pending: boolean;
  readonly failure: Failure | null;
  readonly readingEarlier: boolean;
  /** Reads what lies before the oldest bar that is here, if there is anything. */
  readEarlier(): void;
  retry(): void;
}

/** A page of bars covers as many intervals back from its end, whether they hold trades or not. */
function pageFrom(toUs: Us, stepUs: number): Us {
  return (Math.floor((toUs - 1) / stepUs) - PAGE + 1) * stepUs;
}

export function useBars(stream: StreamKey, interval: BarInterval, window: Window, growing: boolean): HeldBars {
  const link = useLink();
  const { venue, market, symbol } = stream;
  const { fromUs } = window;
  const stepUs = barIntervalUs[interval];
  const key = `${venue}:${market}:${symbol} ${interval} ${fromUs} ${window.toUs}`;
  // Of a day that still grows the end is now: a page that ends at midnight would be of hours that have not come.
  const nowUs = (Math.floor((Date.now() * 1000) / MINUTE_US) + 1) * MINUTE_US;
  const toUs = Math.min(window.toUs, nowUs);
  const base = useRequest(
    'analysis.bars',
    { venue, market, symbol, interval, fromUs, toUs, limit: PAGE },
    { everyMs: growing ? EVERY_MS : false },
  );
  const [held, setHeld] = useState<Held | null>(null);
  const [reading, setReading] = useState(false);
  const control = useRef<AbortController | null>(null);

  const { data } = base;
  useEffect(() => {
    if (!data) return;
    setHeld((old) => {
      const same = old?.key === key ? old : null;
      return {
        key,
        bars: mergeBars(same?.bars ?? [], data.bars),
        readFromUs: same?.readFromUs ?? Math.max(fromUs, pageFrom(toUs, stepUs)),
        earlier: same?.earlier ?? data.earlier,
        priceScale: Math.max(same?.priceScale ?? 0, data.priceScale),
        volumeScale: Math.max(same?.volumeScale ?? 0, data.volumeScale),
        reach: data.reach,
      };
    });
  }, [data, key, fromUs, toUs, stepUs]);

  const stop = useCallback((): void => {
    control.current?.abort();
    control.current = null;
    setReading(false);
  }, []);
  // Another picture: what is under way for the last one is no longer wanted.
  const shownKey = useRef(key);
  useEffect(() => {
    if (shownKey.current !== key) stop();
    shownKey.current = key;
  }, [key, stop]);
  useEffect(() => stop, [stop]);

  const current = held?.key === key ? held : null;
  const until = current?.earlier && current.bars.length < MOST_BARS ? current.readFromUs : null;
  const readEarlier = useCallback((): void => {
    if (until === null || control.current) return;
    const mine = new AbortController();
    control.current = mine;
    setReading(true);
    void link
      .request('analysis.bars', { venue, market, symbol, interval, fromUs, toUs: until, limit: PAGE }, mine.signal)
      .then((result) => {
        if (control.current !== mine) return;
        control.current = null;
        setReading(false);
        setHeld((old) => {
          if (old?.key !== key) return old;
          // What failed is not asked for again by every move of the chart; another length of bars tries anew.
          if (!result.ok) return { ...old, earlier: false };
          const { bars, earlier, priceScale, volumeScale } = result.value;
          return {
            ...old,
            bars: mergeBars(old.bars, bars),
            readFromUs: Math.max(fromUs, pageFrom(until, stepUs)),
            earlier,
            priceScale: Math.max(old.priceScale, priceScale),
            volumeScale: Math.max(old.volumeScale, volumeScale),
          };
        });
      });
  }, [until, key, link, venue, market, symbol, interval, fromUs, stepUs]);

  // Hours without a trade hold no bar: reading goes on until there is one to see.
  const bare = current !== null && current.bars.length === 0 && until !== null;
  useEffect(() => {
    if (bare && !reading) readEarlier();
  }, [bare, reading, readEarlier]);

  const bars = current?.bars ?? none;
  return useMemo(
    () => ({
      key,
      bars,
      priceScale: digitsOf(
        bars.flatMap((bar) => [bar.open, bar.high, bar.low, bar.close]),
        current?.priceScale ?? 2,
      ),
      volumeScale: digitsOf(
        bars.flatMap((bar) => [bar.volume, bar.buyVolume]),
        current?.volumeScale ?? 2,
      ),
      reach: current?.reach ?? null,
      pending: current === null || (bare && reading),
      failure: current === null && base.error ? base.error.failure : null,
      readingEarlier: reading,
      readEarlier,
      retry: () => void base.refetch(),
    }),
    [key, current, bars, bare, reading, base.error, base.refetch, readEarlier],
  );
}
