// Bars of one instrument as they are read: the newest at once, earlier ones when they come into sight, within a bound.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Failure } from '../../../src-shared/base/result.ts';
import { MINUTE_US, type Window } from '../../../src-shared/base/time.ts';
import { type Bar, type BarInterval, barIntervalUs } from '../../../src-shared/contract/days.ts';
import { useLink, useRequest } from '../../link/hooks.tsx';
import { digitsOf, MOST_BARS } from './bars.ts';
import type { StreamKey } from './day.ts';
import { BAR_PAGE, type Held, withEarlier, withNewest, withoutEarlier } from './held-bars.ts';

const EVERY_MS = 5000;
const none: readonly Bar[] = [];

export interface HeldBars extends Pick<Held, 'key' | 'bars' | 'priceScale' | 'volumeScale' | 'reach'> {
  readonly pending: boolean;
  readonly failure: Failure | null;
  readonly readingEarlier: boolean;
  /** Why what lies before could not be read; null: it could, or was not asked for. */
  readonly earlierFailure: Failure | null;
  /** Reads what lies before the oldest bar that is here, if there is anything. What failed is not asked for again by every move of the chart. */
  readEarlier(): void;
  /** Reads it again after it failed. */
  retryEarlier(): void;
  retry(): void;
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
    { venue, market, symbol, interval, fromUs, toUs, limit: BAR_PAGE },
    { everyMs: growing ? EVERY_MS : false },
  );
  const [held, setHeld] = useState<Held | null>(null);
  const [reading, setReading] = useState(false);
  const control = useRef<AbortController | null>(null);

  const { data } = base;
  useEffect(() => {
    if (data) setHeld((old) => withNewest(old, data, { key, fromUs, toUs, stepUs }));
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
  const readFromUs = current?.earlier && current.bars.length < MOST_BARS ? current.readFromUs : null;
  const earlierFailure = current?.earlierFailure ?? null;
  const retryEarlier = useCallback((): void => {
    if (readFromUs === null || control.current) return;
    const mine = new AbortController();
    control.current = mine;
    setReading(true);
    const question = { key, fromUs, toUs: readFromUs, stepUs };
    void link
      .request(
        'analysis.bars',
        { venue, market, symbol, interval, fromUs, toUs: readFromUs, limit: BAR_PAGE },
        mine.signal,
      )
      .then((result) => {
        if (control.current !== mine) return;
        control.current = null;
        setReading(false);
        setHeld((old) =>
          result.ok ? withEarlier(old, result.value, question) : withoutEarlier(old, result.failure, question),
        );
      });
  }, [readFromUs, key, link, venue, market, symbol, interval, fromUs, stepUs]);
  const readEarlier = useCallback((): void => {
    if (!earlierFailure) retryEarlier();
  }, [earlierFailure, retryEarlier]);

  // Hours without a trade hold no bar: reading goes on until there is one to see.
  const bare = current !== null && current.bars.length === 0 && readFromUs !== null;
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
      earlierFailure,
      readEarlier,
      retryEarlier,
      retry: () => void base.refetch(),
    }),
    [key, current, bars, bare, reading, base.error, base.refetch, earlierFailure, readEarlier, retryEarlier],
  );
}
