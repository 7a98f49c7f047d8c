// The drawing of a window: ticks and volume of all venues on one clock, one crosshair for all, zoomed and moved by mouse and keys.
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react';
import type { Alignment, ExtractJob, Series } from '../../../../src-shared/contract/listings.ts';
import type { Manifest } from '../../../../src-shared/market/listing.ts';
import { useText } from '../../../i18n/text.ts';
import { useRequest } from '../../../link/hooks.tsx';
import { Button, EmptyState, FailedState } from '../../../parts/controls.tsx';
import { formatCount, formatOffset } from '../../../parts/format.ts';
import { type PlotRange, zoomRange } from '../../../parts/range.ts';
import { venueNames } from '../../../parts/venue-style.ts';
import { useCommands } from '../../../state/commands.ts';
import { gapsOf, isMissing } from '../picture.ts';
import { Lane } from './lane.tsx';
import type { Layout } from './look.ts';
import { drawnAt, streamKey } from './series-columns.ts';
import { firstPrice, type ShownStream } from './streams.ts';
import { type ExactTick, useSeries, useTicksAt } from './use-series.ts';

/** What the crosshair reads of a stream. */
export interface Reading {
  /** The venue's own digits where they are exact, else a drawn price. */
  readonly price: string | number | null;
  readonly percent: number | null;
  readonly exact: boolean;
  readonly tick: ExactTick | null;
}

export interface Readings {
  /** Seconds from the chosen clock; null: the last prices of the window. */
  readonly at: number | null;
  of(key: string): Reading;
}

/** Steps that the shown range is drawn in: four ticks each, so that a step of a few pixels looks as all of its ticks would. */
const POINTS = 400;

/** The whole range of a window from the chosen clock, seconds. Streams may begin at times of their own: it then spans all of them. */
function wholeRange({ window, clocks, streams }: Manifest, align: Alignment): PlotRange {
  const origins =
    align === 'first-trade'
      ? streams.flatMap(({ firstTradeUs }) => (typeof firstTradeUs === 'number' ? [firstTradeUs] : []))
      : [align === 'detected' ? (clocks.detectedUs ?? clocks.atUs) : clocks.atUs];
  const [latest, earliest] = [Math.max(...origins), Math.min(...origins)];
  if (origins.length === 0) return { from: (window.fromUs - clocks.atUs) / 1e6, to: (window.toUs - clocks.atUs) / 1e6 };
  return { from: (window.fromUs - latest) / 1e6, to: (window.toUs - earliest) / 1e6 };
}

export function WindowChart(props: {
  readonly job: ExtractJob;
  readonly manifest: Manifest;
  readonly streams: readonly ShownStream[];
  readonly align: Alignment;
  readonly layout: Layout;
  readonly chosen: string | null;
  readonly at: number | null;
  onAt(at: number | null): void;
  children(readings: Readings): ReactNode;
}) {
  const text = useText();
  const words = text.window;
  const { job, manifest, streams, align, layout, at, onAt } = props;
  const whole = useMemo(() => wholeRange(manifest, align), [manifest, align]);
  const [range, setRange] = useState(whole);
  const { series, settled, failure, retry } = useSeries(job.jobId, align, whole, range, POINTS);
  const atUs = at === null ? null : Math.round(at * 1e6);
  const exact = useTicksAt(job.jobId, align, atUs, streamKey);
  const middle = at !== null && at > range.from && at < range.to ? at : (range.from + range.to) / 2;
  const zoom = useRef((factor: number) => setRange((now) => zoomRange(now, whole, middle, factor)));
  zoom.current = (factor) => setRange((now) => zoomRange(now, whole, middle, factor));
  const isWhole = range.from <= whole.from && range.to >= whole.to;

  useCommands('window-zoom', [
    { id: 'window-in', section: words.commands.section, title: words.zoomIn, keys: '=', run: () => zoom.current(0.5) },
    { id: 'window-out', section: words.commands.section, title: words.zoomOut, keys: '-', run: () => zoom.current(2) },
    { id: 'window-all', section: words.commands.section, title: words.zoomAll, keys: '0', run: () => setRange(whole) },
  ]);

  const bySeries = useMemo(() => new Map(series?.streams.map((one) => [streamKey(one), one])), [series]);
  const readings: Readings = {
    at,
    of: (key) => {
      const shown = streams.find((one) => one.key === key);
      const base = shown ? firstPrice(shown) : null;
      const percentOf = (price: number): number | null => (base === null ? null : (price / base - 1) * 100);
      if (atUs === null) {
        const last = shown?.figures?.last;
        return {
          price: last?.price ?? null,
          percent: last ? percentOf(Number(last.price)) : null,
          exact: true,
          tick: null,
        };
      }
      const tick = exact?.ticks.get(key);
      if (exact)
        return {
          price: tick?.price ?? null,
          percent: tick ? percentOf(Number(tick.price)) : null,
          exact: true,
          tick: tick ?? null,
        };
      const found = bySeries.get(key);
      const price = found ? drawnAt(found, atUs) : null;
      return { price, percent: price === null ? null : percentOf(price), exact: false, tick: null };
    },
  };

  const gaps = useRequest('gaps.list', gapsOf(manifest.streams, manifest.window), {
    enabled: manifest.streams.length > 0,
    keep: true,
    staleMs: 10_000,
  });
  const holesOf = useCallback(
    ({ stream }: ShownStream): PlotRange[] => {
      const origin = bySeries.get(streamKey(stream))?.originUs;
      if (origin === null || origin === undefined) return [];
      // Only gaps that this version has: one that was filled before it was written hides nothing.
      const known = new Set(stream.gaps);
      return (gaps.data?.gaps ?? [])
        .filter((gap) => known.has(gap.id) && (isMissing(gap) || (gap.closedUs ?? 0) > manifest.createdUs))
        .map((gap) => ({ from: (gap.fromUs - origin) / 1e6, to: ((gap.toUs ?? manifest.window.toUs) - origin) / 1e6 }));
    },
    [bySeries, gaps.data, manifest],
  );

  const traded = streams.some(({ stream }) => stream.rows > 0);
  const groups =
    layout === 'lanes'
      ? streams.filter(({ stream }) => stream.rows > 0).map((one) => [one])
      : [layout === 'price' ? streams.filter(({ key }) => key === props.chosen) : streams];
  const percent = layout === 'percent';

  return (
    <>
      <div className="window-chart" data-layout={layout}>
        {failure && !series ? (
          <FailedState title={words.error} failure={failure} onRetry={retry} />
        ) : !traded ? (
          <EmptyState title={words.empty} text={words.emptyWhat} testId="window-empty" />
        ) : series ? (
          <div className="window-lanes" data-testid="window-lanes">
            {groups.map((group, index) => (
              <Lane
                key={percent ? 'all' : (group[0]?.key ?? 'none')}
                coin={manifest.coin}
                streams={group}
                series={bySeries}
                barUs={series.barUs}
                percent={percent}
                small={layout === 'lanes'}
                first={index === 0}
                last={index === groups.length - 1}
                name={percent ? null : laneName(group[0])}
                label={
                  percent
                    ? `${words.chart}. ${words.chartKeys}`
                    : `${group[0]?.stream.instrument ?? ''}. ${words.chartKeys}`
                }
                manifest={manifest}
                align={align}
                range={range}
                whole={whole}
                at={at}
                holesOf={holesOf}
                onRange={setRange}
                onAt={onAt}
              />
            ))}
          </div>
        ) : (
          <EmptyState title={words.loading} />
        )}
      </div>
      <div className="window-foot">
        <span className="faint cut" data-testid="window-drawing" data-settled={settled}>
          {series ? drawingText(series, settled, words) : words.loading}
          {series?.source === 'archive' && ` · ${words.fromArchive}`}
        </span>
        <span className="window-zoom">
          {at !== null && (
            <b className="window-at" data-testid="window-at">
              {words.crosshair(formatOffset(Number(at.toFixed(4))))}
            </b>
          )}
          <span className="faint number" data-testid="window-range">
            {formatOffset(round(range.from))} … {formatOffset(round(range.to))}
          </span>
          <Button
            small
            keys="-"
            aria-label={words.zoomOut}
            testId="window-zoom-out"
            aria-disabled={isWhole}
            onClick={() => zoom.current(2)}
          >
            {words.zoomOut}
          </Button>
          <Button small keys="=" aria-label={words.zoomIn} testId="window-zoom-in" onClick={() => zoom.current(0.5)}>
            {words.zoomIn}
          </Button>
          <Button small keys="0" testId="window-zoom-all" aria-disabled={isWhole} onClick={() => setRange(whole)}>
            {words.zoomAll}
          </Button>
        </span>
      </div>
      {props.children(readings)}
    </>
  );
}

function laneName(shown: ShownStream | undefined): string | null {
  return shown ? `${venueNames[shown.stream.venue]} ${shown.stream.market} ${shown.pair}` : null;
}

function round(seconds: number): number {
  return Number(seconds.toPrecision(6));
}

function drawingText(
  series: Series,
  settled: boolean,
  words: { everyTick(count: string): string; thinned(count: string): string; readonly coarse: string },
): string {
  if (!settled) return words.coarse;
  const every = series.streams.every((stream) => stream.every);
  return every ? words.everyTick(formatCount(series.ticks)) : words.thinned(formatCount(series.ticks));
}
