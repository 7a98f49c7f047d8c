// Price around t0 on all venues, aligned to t0: percent of each one's first price, or prices with one axis per kind of money.
import type { UseQueryResult } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import type { FailureError } from '../../../src-shared/base/result.ts';
import type { WindowPicture } from '../../../src-shared/contract/listings.ts';
import { missingStates } from '../../../src-shared/market/gap.ts';
import { type Market, marketSchema } from '../../../src-shared/market/instrument.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useRequest } from '../../link/hooks.tsx';
import { Card, Choice, EmptyState, FailedState } from '../../parts/controls.tsx';
import {
  formatDuration,
  formatOffset,
  formatPercent,
  formatPrice,
  formatShort,
  formatTime,
} from '../../parts/format.ts';
import {
  axisStyle,
  type Band,
  barPaths,
  drawBands,
  drawZero,
  Plot,
  type PlotAxis,
  type PlotData,
  type PlotOptions,
  Swatch,
  steppedPaths,
} from '../../parts/plot.tsx';
import { type LineStyle, lineStyle, venueNames } from '../../parts/venue-style.ts';
import { useCommands } from '../../state/commands.ts';
import type { ListedListing } from './jobs.ts';
import {
  alignPicture,
  gapsOf,
  holesOf,
  instrumentParts,
  largestMove,
  PICTURE_BUCKETS,
  type PictureScale,
  type PictureStream,
  priceGroup,
} from './picture.ts';
import { useStable } from './stable.ts';

const SYNC = 'listing-picture';
const AXIS = 66;
const AXIS_LABEL = 16;
const EDGE = 24;
/** Sparse streams show their points: a line alone would hide that it is two trades. */
const SPARSE_BUCKETS = 40;

export function PictureCard(props: {
  readonly picture: UseQueryResult<WindowPicture, FailureError>;
  readonly listing: ListedListing;
}) {
  const text = useText();
  const words = text.listings.picture;
  const zone = usePreferences((preferences) => preferences.zone);
  const [scale, setScale] = useState<PictureScale>('percent');
  const { picture } = props;
  useCommands('picture', [
    {
      id: 'percent',
      section: text.commands.listings,
      title: text.commands.percent,
      keys: 'P',
      run: () => setScale((now) => (now === 'percent' ? 'price' : 'percent')),
    },
  ]);
  const traded = picture.data?.streams.some((stream) => stream.buckets.length > 0);
  return (
    <Card
      title={<span title={words.percentWhat}>{words.title}</span>}
      className="picture-card"
      testId="picture-card"
      end={
        <>
          <span className="faint">t0 = {formatTime(props.listing.publishedUs, zone, 'milli')}</span>
          <Choice<PictureScale>
            small
            label={words.scale}
            testId="picture-scale"
            value={scale}
            options={[
              { value: 'percent', label: words.percent },
              { value: 'price', label: words.price },
            ]}
            onChange={setScale}
          />
        </>
      }
    >
      {picture.error && !picture.data ? (
        <FailedState title={words.error} failure={picture.error.failure} onRetry={() => void picture.refetch()} />
      ) : picture.data && traded ? (
        <Picture picture={picture.data} scale={scale} />
      ) : picture.data && !picture.isPlaceholderData ? (
        <EmptyState title={words.empty} text={words.emptyWhat} testId="picture-empty" />
      ) : (
        <EmptyState title={text.common.loading} />
      )}
    </Card>
  );
}

/** What decides how a stream is drawn; prices are not among it. */
interface DrawnStream {
  readonly instrument: string;
  readonly quote: string;
  readonly style: LineStyle;
  readonly sparse: boolean;
}

function marketOf(stream: PictureStream): Market {
  const market = marketSchema.safeParse(instrumentParts(stream.instrument).market);
  return market.success ? market.data : 'spot';
}

/** Dash by venue, width by market; several quotes of one venue's market differ in lightness. */
function styleOf(stream: PictureStream, all: readonly PictureStream[]): LineStyle {
  const market = marketOf(stream);
  const siblings = all.filter((other) => other.venue === stream.venue && marketOf(other) === market);
  return lineStyle(stream.venue, market, siblings.indexOf(stream));
}

function Picture({ picture, scale }: { picture: WindowPicture; scale: PictureScale }) {
  const text = useText();
  const words = text.listings.picture;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [cursor, setCursor] = useState<number | null>(null);
  const aligned = useMemo(() => alignPicture(picture, scale, hidden), [picture, scale, hidden]);
  const drawn = useStable(
    picture.streams.map((stream) => ({
      instrument: stream.instrument,
      quote: stream.quote,
      style: styleOf(stream, picture.streams),
      sparse: stream.buckets.length < SPARSE_BUCKETS,
    })),
  );
  const from = (picture.window.fromUs - picture.atUs) / 1e6;
  const to = (picture.window.toUs - picture.atUs) / 1e6;
  const gaps = useRequest(
    'gaps.list',
    { ...gapsOf(picture.streams, picture.window), states: [...missingStates] },
    { keep: true, everyMs: 5000 },
  );
  const bands = useStable(
    holesOf(picture, gaps.data?.gaps ?? [])
      .filter((hole) => !hidden.has(hole.instrument))
      .map(({ instrument, from: start, to: end }) => ({
        from: start,
        to: end,
        color: drawn.find((stream) => stream.instrument === instrument)?.style.color ?? 'var(--bad)',
      })),
  );
  const options = useMemo(
    () => priceOptions(drawn, scale, hidden, { from, to, bands }, setCursor),
    [drawn, scale, hidden, from, to, bands],
  );
  const prices = useMemo<PlotData>(() => [aligned.seconds, ...aligned.columns], [aligned]);
  const trades = useMemo<PlotData>(() => [aligned.seconds, aligned.trades], [aligned]);
  const axes = scale === 'percent' ? 0 : new Set(drawn.map((stream) => priceGroup(stream.quote))).size;
  const below = useMemo(() => tradeOptions(from, to, axes, setCursor), [from, to, axes]);
  const tradesPer = words.trades(formatDuration(((to - from) * 1000) / PICTURE_BUCKETS, text.units));
  const value = scale === 'percent' ? formatPercent : formatPrice;

  return (
    <div className="picture">
      <div className="picture-plots">
        <div className="picture-price">
          <Plot options={options} data={prices} label={words.title} testId="picture-plot" />
        </div>
        <div className="picture-trades" title={tradesPer}>
          <span className="picture-trades-name faint">{tradesPer}</span>
          <Plot options={below} data={trades} label={tradesPer} />
        </div>
      </div>
      <table className="table picture-legend">
        <thead>
          <tr>
            <th scope="col">{cursor === null ? words.axis : formatOffset(aligned.seconds[cursor] ?? 0)}</th>
            <th scope="col" className="number">
              {words.last}
            </th>
            <th scope="col" className="number" title={words.changeWhat}>
              {words.change}
            </th>
          </tr>
        </thead>
        <tbody>
          {picture.streams.map((stream, index) => {
            const { market, pair } = instrumentParts(stream.instrument);
            const shown = !hidden.has(stream.instrument);
            return (
              <tr key={stream.instrument} data-hidden={!shown || undefined}>
                <td className="cut">
                  <button
                    type="button"
                    className="legend-toggle"
                    aria-pressed={shown}
                    aria-label={words.show(stream.instrument)}
                    title={stream.instrument}
                    onClick={() =>
                      setHidden((now) => {
                        const next = new Set(now);
                        if (!next.delete(stream.instrument)) next.add(stream.instrument);
                        return next;
                      })
                    }
                  >
                    <Swatch style={styleOf(stream, picture.streams)} />
                    <span className="cut">
                      {venueNames[stream.venue]} {stream.quote || pair} <span className="faint">{market}</span>
                    </span>
                  </button>
                </td>
                <td className="number fits">{value(valueAt(aligned.columns[index], cursor))}</td>
                <td className="number fits">{formatPercent(largestMove(stream), 1)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** The last known value at or before the cursor: a price holds until the next trade. */
function valueAt(column: readonly (number | null)[] | undefined, cursor: number | null): number | null {
  if (!column) return null;
  for (let at = cursor ?? column.length - 1; at >= 0; at -= 1) {
    const value = column[at];
    if (value !== null && value !== undefined) return value;
  }
  return null;
}

function cursorOptions(onCursor: (index: number | null) => void): Required<Pick<PlotOptions, 'cursor' | 'hooks'>> {
  return {
    cursor: { y: false, points: { size: 5 }, drag: { x: false, y: false }, sync: { key: SYNC } },
    hooks: {
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
      draw: [drawZero],
    },
  };
}

function priceOptions(
  streams: readonly DrawnStream[],
  scale: PictureScale,
  hidden: ReadonlySet<string>,
  area: { readonly from: number; readonly to: number; readonly bands: readonly Band[] },
  onCursor: (index: number | null) => void,
): PlotOptions {
  const base = cursorOptions(onCursor);
  const groups = scale === 'percent' ? ['percent'] : [...new Set(streams.map((stream) => priceGroup(stream.quote)))];
  const axes: PlotAxis[] = groups.slice(0, 2).map((group, index) => ({
    ...axisStyle(),
    scale: group,
    side: index === 0 ? 3 : 1,
    size: AXIS,
    space: 30,
    ...(index === 0 ? {} : { grid: { show: false } }),
    ...(group === 'percent' ? {} : { label: group, labelSize: AXIS_LABEL, labelFont: '11px sans-serif' }),
    values: (_plot, splits) =>
      splits.map((split) => (group === 'percent' ? `${formatShort(split)} %` : formatPrice(split))),
  }));
  return {
    cursor: base.cursor,
    hooks: { ...base.hooks, drawAxes: [drawBands(area.bands)] },
    legend: { show: false },
    padding: [10, groups.length > 1 ? 0 : EDGE, 0, 0],
    scales: {
      x: { time: false, range: [area.from, area.to] },
      ...Object.fromEntries(groups.map((group) => [group, { auto: true }])),
    },
    axes: [
      { ...axisStyle(), size: 26, space: 60, values: (_plot, splits) => splits.map((split) => formatOffset(split)) },
      ...axes,
    ],
    series: [
      {},
      ...streams.map((stream) => {
        const { style } = stream;
        return {
          label: stream.instrument,
          scale: scale === 'percent' ? 'percent' : priceGroup(stream.quote),
          stroke: style.color,
          width: style.width,
          dash: [...style.dash],
          spanGaps: true,
          show: !hidden.has(stream.instrument),
          points: { show: stream.sparse, size: 4 },
          ...steppedPaths(),
        };
      }),
    ],
  };
}

/** Padded like the plot above it, so that the same second stands on the same pixel. */
function tradeOptions(
  from: number,
  to: number,
  priceAxes: number,
  onCursor: (index: number | null) => void,
): PlotOptions {
  return {
    ...cursorOptions(onCursor),
    legend: { show: false },
    padding: [4, priceAxes > 1 ? AXIS + AXIS_LABEL : EDGE, 8, priceAxes > 0 ? AXIS_LABEL : 0],
    scales: { x: { time: false, range: [from, to] }, y: { range: (_plot, _min, max) => [0, Math.max(max ?? 0, 1)] } },
    axes: [
      { show: false },
      { ...axisStyle(), size: AXIS, space: 22, values: (_plot, splits) => splits.map((split) => formatShort(split)) },
    ],
    series: [
      {},
      {
        stroke: 'var(--idle)',
        fill: 'var(--line-strong)',
        width: 0,
        points: { show: false },
        ...barPaths(),
      },
    ],
  };
}
