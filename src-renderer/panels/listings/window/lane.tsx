// One drawing of a window: some streams over time with their volume at the foot, gaps hatched, clocks and first abnormal ticks marked.
import { useMemo, useRef } from 'react';
import type { Alignment } from '../../../../src-shared/contract/listings.ts';
import type { Manifest } from '../../../../src-shared/market/listing.ts';
import { useText } from '../../../i18n/text.ts';
import { type BarData, drawMoments, drawVolume, extentOf, type NamedMoment } from '../../../parts/dense-draw.ts';
import { DensePlot } from '../../../parts/dense-plot.tsx';
import { formatOffset, formatPrice, formatShort } from '../../../parts/format.ts';
import {
  axisStyle,
  type Band,
  drawBands,
  drawZero,
  type PlotData,
  type PlotOptions,
  Swatch,
  steppedPaths,
  tokenColor,
} from '../../../parts/plot.tsx';
import type { PlotRange } from '../../../parts/range.ts';
import { useStable } from '../stable.ts';
import { addBars, columnsOf, type SeriesStream } from './series-columns.ts';
import { firstPrice, type ShownStream } from './streams.ts';

/** Sparse streams show their points: a line alone would hide that it is two trades. */
const SPARSE = 60;
const nothing: Pick<SeriesStream, 'at' | 'price' | 'bars' | 'ticks'> = {
  at: [],
  price: [],
  ticks: 0,
  bars: { at: [], volume: [], bought: [], trades: [] },
};

export function Lane(props: {
  readonly coin: string;
  readonly streams: readonly ShownStream[];
  readonly series: ReadonlyMap<string, SeriesStream>;
  readonly barUs: number;
  readonly percent: boolean;
  /** One of many under each other. */
  readonly small: boolean;
  /** Takes the keys, and names the clocks. */
  readonly first: boolean;
  /** Carries the names of the seconds. */
  readonly last: boolean;
  readonly name: string | null;
  readonly label: string;
  readonly manifest: Manifest;
  readonly align: Alignment;
  readonly range: PlotRange;
  readonly whole: PlotRange;
  readonly at: number | null;
  holesOf(stream: ShownStream): PlotRange[];
  onRange(range: PlotRange): void;
  onAt(at: number | null): void;
}) {
  const text = useText();
  const words = text.window;
  const { streams, series, percent, small, last, holesOf } = props;
  const drawn = useMemo(
    () => streams.map((one) => ({ one, found: series.get(one.key) ?? nothing })),
    [streams, series],
  );
  const columns = useMemo(() => {
    const bases = drawn.map(({ one }) => (percent ? firstPrice(one) : 1));
    return columnsOf(
      drawn.map(({ found }) => found),
      (price, index) => {
        const base = bases[index];
        return base == null ? null : percent ? (price / base - 1) * 100 : price;
      },
    );
  }, [drawn, percent]);
  const bars = useMemo<BarData>(() => {
    // Contracts whose size in coins is not known cannot be added to coins.
    const counted = drawn.length > 1 ? drawn.filter(({ one }) => one.figures?.volume != null) : drawn;
    return { ...addBars(counted.map(({ found }) => found)), width: props.barUs / 1e6 };
  }, [drawn, props.barUs]);
  const moments = useMemo(
    () => momentsOf(streams, series, props.manifest, props.align, props.first ? words.clocks : null),
    [streams, series, props.manifest, props.align, props.first, words.clocks],
  );
  const bands = useMemo<readonly Band[]>(
    () => streams.flatMap((one) => holesOf(one).map((hole) => ({ ...hole, color: one.style.color }))),
    [streams, holesOf],
  );
  const newest = useRef({ columns, bars, moments, bands, range: props.range });
  newest.current = { columns, bars, moments, bands, range: props.range };

  // New values must not make a new chart: only what decides how it is drawn does.
  const look = useStable(
    drawn.map(({ one, found }) => ({ style: one.style, sparse: found.ticks > 0 && found.ticks < SPARSE })),
  );
  const options = useMemo<PlotOptions>(() => {
    return {
      legend: { show: false },
      padding: [8, 16, 0, 0],
      hooks: {
        drawAxes: [
          (plot) => drawBands(newest.current.bands)(plot),
          drawVolume(() => newest.current.bars, small ? 0.4 : 0.24),
        ],
        draw: [drawZero, drawMoments(() => newest.current.moments)],
      },
      scales: {
        y: {
          // Of the range that is wanted: while the plot is ranged, its own is still the one before.
          range: () => {
            const { columns: held, range } = newest.current;
            const found = extentOf(held.seconds, held.values, range.from, range.to);
            if (!found) return [0, 1];
            const { low, high } = found;
            const room = (high - low) * 0.06 || Math.abs(high) * 0.001 || 1;
            // Volume stands at the foot: the lines keep clear of most of it.
            return [low - room - (high - low) * (small ? 0.25 : 0.12), high + room];
          },
        },
      },
      axes: [
        {
          ...axisStyle(),
          show: last,
          size: 26,
          space: 70,
          values: (_plot, splits) => splits.map((split) => formatOffset(Number(split.toPrecision(9)))),
        },
        {
          ...axisStyle(),
          scale: 'y',
          size: 74,
          space: small ? 24 : 34,
          values: (_plot, splits) => splits.map((split) => (percent ? `${formatShort(split)} %` : formatPrice(split))),
        },
      ],
      series: [
        {},
        ...look.map(({ style, sparse }) => ({
          scale: 'y',
          stroke: style.color,
          width: style.width,
          dash: [...style.dash],
          spanGaps: true,
          points: { show: sparse, size: 4, fill: style.color },
          ...steppedPaths(),
        })),
      ],
    };
  }, [look, percent, small, last]);
  const data = useMemo<PlotData>(() => [columns.seconds, ...columns.values], [columns]);
  const [only] = streams;
  const volumeTop = bars.volume.reduce((most, value) => Math.max(most, value), 0);

  return (
    <div className={small ? 'lane lane-small' : 'lane'} data-last={last || undefined} data-testid="window-lane">
      {props.name && only && (
        <span className="lane-name">
          <Swatch style={only.style} /> {props.name}
        </span>
      )}
      {!small && (
        <span className={props.name ? 'lane-volume lane-volume-below faint' : 'lane-volume faint'}>
          {words.volume(props.coin)} · max {formatShort(volumeTop)}
        </span>
      )}
      <DensePlot
        options={options}
        data={data}
        range={props.range}
        whole={props.whole}
        at={props.at}
        label={props.label}
        testId={props.first ? 'window-plot' : 'window-plot-more'}
        keys={props.first}
        onRange={props.onRange}
        onAt={props.onAt}
      />
    </div>
  );
}

/** First abnormal ticks as tips; the clocks that are not the chosen one as lines. */
function momentsOf(
  streams: readonly ShownStream[],
  series: ReadonlyMap<string, SeriesStream>,
  { clocks }: Manifest,
  align: Alignment,
  names: Record<Alignment, string> | null,
): NamedMoment[] {
  const moments: NamedMoment[] = streams.flatMap(({ key, stream, style }) => {
    const origin = series.get(key)?.originUs;
    if (!stream.firstAbnormal || origin == null) return [];
    const at = (stream.firstAbnormal.us - origin) / 1e6;
    return [{ at, name: stream.instrument, color: style.color, kind: 'tip' as const }];
  });
  const line = (at: number, name: string): NamedMoment => ({
    at,
    name,
    color: tokenColor('--text-second'),
    kind: 'line',
  });
  if (align === 'published' && clocks.detectedUs !== null && clocks.detectedUs !== clocks.atUs)
    moments.push(line((clocks.detectedUs - clocks.atUs) / 1e6, names?.detected ?? ''));
  if (align === 'detected' && clocks.detectedUs !== null)
    moments.push(line((clocks.atUs - clocks.detectedUs) / 1e6, names?.published ?? ''));
  return moments;
}
