// The ticks of an extract for the shown range: the whole window once, and what is looked at in more detail. Only these two are held,
// whatever was zoomed through; an answer that nobody looks at any more is cancelled.
import { useEffect, useState } from 'react';
import type { Failure } from '../../../../src-shared/base/result.ts';
import type { RequestOutput } from '../../../../src-shared/contract/index.ts';
import type { Alignment, Series } from '../../../../src-shared/contract/listings.ts';
import { useLink } from '../../../link/hooks.tsx';
import type { PlotRange } from '../../../parts/range.ts';

/** Zooming and moving are followed at once with what is there; more is asked for when they pause. */
const SETTLED_MS = 120;
/** Asked for beyond what is shown, so that moving meets ticks: this share of it on both sides. */
const MARGIN = 0.5;
/** How far the crosshair may lag behind the pointer before its exact ticks are asked for. */
const RESTED_MS = 80;

interface Loaded {
  readonly key: string;
  readonly range: PlotRange;
  readonly series: Series;
}

export interface SeriesView {
  readonly series: Series | null;
  /** The shown range is drawn with all the detail that its width can carry. */
  readonly settled: boolean;
  readonly failure: Failure | null;
  retry(): void;
}

export function useSeries(
  jobId: string,
  align: Alignment,
  whole: PlotRange,
  range: PlotRange,
  points: number,
): SeriesView {
  const link = useLink();
  const [tries, setTries] = useState(0);
  const key = `${jobId} ${align} ${whole.from} ${whole.to} ${tries}`;
  const [all, setAll] = useState<Loaded | null>(null);
  const [detail, setDetail] = useState<Loaded | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  const isWhole = range.from <= whole.from && range.to >= whole.to;
  const { from, to } = range;
  const covered = detail?.key === key && detail.range.from <= from && detail.range.to >= to;
  // What was asked for a much wider range is too coarse for a narrow one.
  const fine = covered && detail.range.to - detail.range.from <= (to - from) * (1 + 2 * MARGIN) * 1.6;

  useEffect(() => {
    const ended = new AbortController();
    const wanted = isWhole ? whole : { from: from - (to - from) * MARGIN, to: to + (to - from) * MARGIN };
    const kept = isWhole ? all?.key === key : fine;
    if (kept) return;
    const shown = {
      from: Math.max(wanted.from, whole.from),
      to: Math.min(wanted.to, whole.to),
    };
    const share = (shown.to - shown.from) / Math.max(to - from, 1e-9);
    const timer = setTimeout(
      () => {
        const input = {
          jobId,
          align,
          fromUs: Math.floor(shown.from * 1e6),
          toUs: Math.max(Math.floor(shown.from * 1e6) + 1, Math.ceil(shown.to * 1e6)),
          points: Math.min(2000, Math.max(20, Math.round(points * share))),
          bars: Math.min(500, Math.max(5, Math.round((points * share) / 4))),
        };
        void link.request('listings.series', input, ended.signal).then((result) => {
          if (ended.signal.aborted) return;
          setFailure(result.ok ? null : result.failure);
          if (!result.ok) return;
          const loaded = { key, range: shown, series: result.value };
          if (isWhole) setAll(loaded);
          else setDetail(loaded);
        });
      },
      all?.key === key ? SETTLED_MS : 0,
    );
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [link, key, jobId, align, whole, from, to, isWhole, fine, all, points]);

  const coarse = all?.key === key ? all.series : null;
  return {
    series: isWhole || !covered ? coarse : detail.series,
    settled: isWhole ? coarse !== null : fine,
    failure,
    retry: () => setTries((count) => count + 1),
  };
}

export type ExactTick = NonNullable<RequestOutput<'listings.series-at'>['streams'][number]['tick']>;

export interface TicksAt {
  readonly atUs: number;
  /** By streamKey. */
  readonly ticks: ReadonlyMap<string, ExactTick | null>;
}

/** The exact ticks under a crosshair that rests; null while it moves, and where it could not be asked. */
export function useTicksAt(
  jobId: string,
  align: Alignment,
  atUs: number | null,
  keyOf: (stream: RequestOutput<'listings.series-at'>['streams'][number]) => string,
): TicksAt | null {
  const link = useLink();
  const [found, setFound] = useState<(TicksAt & { readonly of: string }) | null>(null);
  const of = `${jobId} ${align}`;
  useEffect(() => {
    if (atUs === null) return;
    const ended = new AbortController();
    const timer = setTimeout(() => {
      void link.request('listings.series-at', { jobId, align, atUs }, ended.signal).then((result) => {
        // A refusal leaves the drawn values, which say that they are not exact.
        if (!ended.signal.aborted && result.ok)
          setFound({ of, atUs, ticks: new Map(result.value.streams.map((one) => [keyOf(one), one.tick])) });
      });
    }, RESTED_MS);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [link, jobId, align, atUs, of, keyOf]);
  return found && found.of === of && found.atUs === atUs ? found : null;
}
