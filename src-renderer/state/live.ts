// The live view: the newest meters and the last minutes of rates. Changes at most four times a second, in bounded memory, whatever the host sends.
import { create } from 'zustand';
import { useShallow } from 'zustand/react/shallow';
import type { StoreMeter } from '../../src-shared/contract/archive.ts';
import type { CollectorMeter } from '../../src-shared/contract/recording.ts';
import { venues } from '../../src-shared/market/instrument.ts';
import type { LinkClient } from '../link/client.ts';
import { STALE_MS } from './recording-state.ts';
import { createSeriesRing, type SeriesRing } from './series-ring.ts';

/** Five minutes at four samples a second. */
const HISTORY_SAMPLES = 1200;
const SAMPLE_MS = 250;

/** Columns of the history, in order: overall rate, buffer and delays, then one rate per venue. */
export const historyColumns = ['tradesPerSecond', 'bufferFrames', 'bufferMs', 'durableP50', 'durableP99'] as const;
export const FIRST_VENUE_COLUMN = historyColumns.length;

export interface LiveView {
  readonly collector: CollectorMeter | null;
  /** When it came, ms on the page's monotonic clock. */
  readonly collectorMs: number;
  readonly store: StoreMeter | null;
  readonly storeMs: number;
  /**
   * Whether each, once heard, has said nothing for too long over an open link: its meter is of the past. Without a link nothing new is known
   * of it: all that is shown is old then, and the banner says by how much.
   */
  readonly collectorSilent: boolean;
  readonly storeSilent: boolean;
  /** Grows with every sample: what draws the history depends on it. */
  readonly sample: number;
  readonly history: SeriesRing;
}

const newHistory = (): SeriesRing => createSeriesRing(FIRST_VENUE_COLUMN + venues.length, HISTORY_SAMPLES);

export const useLive = create<LiveView>(() => ({
  collector: null,
  collectorMs: 0,
  store: null,
  storeMs: 0,
  collectorSilent: false,
  storeSilent: false,
  sample: 0,
  history: newHistory(),
}));

/** The meters as far as they speak for the present; null: not heard yet, or silent. */
export type Present = Pick<LiveView, 'collector' | 'store'>;

export function presentOf({ collector, collectorSilent, store, storeSilent }: Omit<LiveView, 'history'>): Present {
  return { collector: collectorSilent ? null : collector, store: storeSilent ? null : store };
}

/** What `select` makes of the meters of the present; draws again when that changes. */
export function usePresent<T>(select: (present: Present) => T): T {
  return useLive(useShallow((view) => select(presentOf(view))));
}

/** Frames that are in the journal but not yet in the store, as far as the two meters say. */
export function bufferFrames(collector: CollectorMeter | null, store: StoreMeter | null): number | null {
  if (!store) return null;
  return collector ? Math.max(0, collector.headFrame - store.frame) : store.lagFrames;
}

/** One row of the history from the newest meters; NaN where nothing is known. */
export function historyRow(collector: CollectorMeter | null, store: StoreMeter | null): number[] {
  const row = [
    store?.tradesPerSecond ?? Number.NaN,
    bufferFrames(collector, store) ?? Number.NaN,
    store?.lagMs ?? Number.NaN,
    collector?.durableDelayMs.p50 ?? Number.NaN,
    collector?.durableDelayMs.p99 ?? Number.NaN,
  ];
  for (const venue of venues) {
    row.push(store?.venues.find((entry) => entry.venue === venue)?.tradesPerSecond ?? Number.NaN);
  }
  return row;
}

/** Feeds the live view from the link until the returned function is called. */
export function followLive(link: LinkClient): () => void {
  let collector: CollectorMeter | null = null;
  let collectorMs = 0;
  let store: StoreMeter | null = null;
  let storeMs = 0;
  let dirty = false;
  let lost = false;

  const publish = (): void => {
    if (!dirty || document.hidden) return;
    dirty = false;
    const now = performance.now();
    const linked = link.state().phase === 'open';
    useLive.setState((view) => ({
      collector,
      collectorMs,
      store,
      storeMs,
      collectorSilent: linked ? collector !== null && now - collectorMs > STALE_MS : view.collectorSilent,
      storeSilent: linked ? store !== null && now - storeMs > STALE_MS : view.storeSilent,
      sample: view.sample + 1,
    }));
  };

  const remember = (row: readonly number[]): void => {
    const seconds = Date.now() / 1000;
    if (useLive.getState().history.push(seconds, row)) return;
    // This screen's clock was set back: what was remembered lies ahead of it, and would keep every new sample out until the clock is there.
    const history = newHistory();
    history.push(seconds, row);
    useLive.setState({ history });
  };

  const timer = setInterval(() => {
    const now = performance.now();
    const { history } = useLive.getState();
    if (link.state().phase !== 'open') {
      // One hole, so that the line breaks where nothing was known.
      if (!lost && history.length > 0) {
        remember([]);
        dirty = true;
      }
      lost = true;
    } else if (collector || store) {
      lost = false;
      const fresh = now - Math.max(collectorMs, storeMs) < 2000;
      const row = fresh
        ? historyRow(now - collectorMs < 2000 ? collector : null, now - storeMs < 2000 ? store : null)
        : [];
      remember(row);
      dirty = true;
    }
    publish();
  }, SAMPLE_MS);

  const stopCollector = link.subscribe('recording.meter', (value) => {
    collector = value;
    collectorMs = performance.now();
  });
  const stopStore = link.subscribe('store.meter', (value) => {
    store = value;
    storeMs = performance.now();
  });
  document.addEventListener('visibilitychange', publish);

  return () => {
    clearInterval(timer);
    stopCollector();
    stopStore();
    document.removeEventListener('visibilitychange', publish);
  };
}
