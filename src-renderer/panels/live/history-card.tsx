// The last five minutes as lines: rates per venue, the buffer, or the durable delay.
import { useEffect, useMemo } from 'react';
import type { Venue } from '../../../src-shared/market/instrument.ts';
import { venues } from '../../../src-shared/market/instrument.ts';
import { usePreferences, type Zone } from '../../i18n/preferences.ts';
import { type Text, useText } from '../../i18n/text.ts';
import { Card, Choice, EmptyState } from '../../parts/controls.tsx';
import { formatBareClock, formatDuration, formatShort } from '../../parts/format.ts';
import { axisStyle, Plot, type PlotData, type PlotOptions, Swatch } from '../../parts/plot.tsx';
import { oneOf, useRemembered } from '../../parts/remembered.ts';
import { type LineStyle, lineStyle, venueNames } from '../../parts/venue-style.ts';
import { FIRST_VENUE_COLUMN, historyColumns, useLive } from '../../state/live.ts';
import { usePlace } from '../../state/place.ts';

const views = ['ticks', 'buffer', 'delay'] as const;
type View = (typeof views)[number];
const SPAN_SECONDS = 300;
/** A young history is not squeezed into the last inch of an empty chart. */
const LEAST_SECONDS = 60;

interface Line {
  readonly column: number;
  readonly name: string;
  readonly style: LineStyle;
}

export function HistoryCard() {
  const text = useText();
  const zone = usePreferences((preferences) => preferences.zone);
  const [view, setView] = useRemembered<View>('view.history', 'ticks', oneOf(views));
  // The address names a view when the reader comes from a figure of the status bar.
  const item = usePlace((place) => place.item);
  useEffect(() => {
    const asked = views.find((name) => name === item);
    if (asked) setView(asked);
  }, [item, setView]);
  // The ring is filled in place: the sample number is what makes this card draw again.
  useLive((live) => live.sample);
  const history = useLive((live) => live.history);
  // The list of venues changes rarely: as text it keeps the chart from being made anew four times a second.
  const seen = useLive((live) => live.store?.venues.map((entry) => entry.venue).join(' ') ?? '');

  const lines = useMemo<Line[]>(() => {
    const total: LineStyle = { color: 'var(--chart-total)', dash: [], width: 2 };
    const second: LineStyle = { color: 'var(--busy)', dash: [6, 4], width: 1.5 };
    const column = (name: (typeof historyColumns)[number]): number => historyColumns.indexOf(name);
    if (view === 'buffer') {
      return [
        { column: column('bufferFrames'), name: text.live.chart.bufferFrames, style: total },
        { column: column('bufferMs'), name: text.live.chart.bufferMs, style: second },
      ];
    }
    if (view === 'delay') {
      return [
        { column: column('durableP99'), name: text.live.p99, style: total },
        { column: column('durableP50'), name: text.live.p50, style: second },
      ];
    }
    const shown = new Set(seen.split(' '));
    return [
      { column: column('tradesPerSecond'), name: text.live.chart.all, style: total },
      ...venues.flatMap((venue: Venue, index) =>
        shown.has(venue)
          ? [{ column: FIRST_VENUE_COLUMN + index, name: venueNames[venue], style: lineStyle(venue) }]
          : [],
      ),
    ];
  }, [view, seen, text]);

  const options = useMemo(() => historyOptions(lines, view, zone, text), [lines, view, zone, text]);
  const read = history.read();
  const data: PlotData = [read.times, ...lines.map((line) => read.columns[line.column] ?? [])];

  return (
    <Card
      title={text.live.chart.label}
      className="live-history"
      testId="history-card"
      end={
        <>
          <ul className="legend">
            {lines.map((line) => (
              <li key={line.name} className="legend-item">
                <Swatch style={line.style} />
                {line.name}
              </li>
            ))}
          </ul>
          <span className="faint nowrap">{zone}</span>
          <Choice<View>
            small
            label={text.live.chart.label}
            testId="history-view"
            value={view}
            options={[
              { value: 'ticks', label: text.live.chart.ticks },
              { value: 'buffer', label: text.live.chart.buffer },
              { value: 'delay', label: text.live.chart.delay },
            ]}
            onChange={setView}
          />
        </>
      }
    >
      {read.times.length > 1 ? (
        <Plot options={options} data={data} label={`${text.live.chart.label}: ${text.live.chart[view]}`} />
      ) : (
        <EmptyState title={text.live.chart.empty} />
      )}
    </Card>
  );
}

function historyOptions(lines: readonly Line[], view: View, zone: Zone, text: Text): PlotOptions {
  const values = view === 'delay' ? (ms: number) => formatDuration(ms, text.units) : formatShort;
  return {
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    padding: [10, 30, 0, 0],
    scales: {
      x: {
        time: false,
        range: (_plot, min, max) => [Math.min(max - LEAST_SECONDS, Math.max(min, max - SPAN_SECONDS)), max],
      },
      y: { range: (_plot, _min, max) => [0, Math.max(max ?? 0, 1) * 1.1] },
    },
    axes: [
      {
        ...axisStyle(),
        size: 26,
        space: 90,
        incrs: [1, 5, 10, 15, 30, 60, 120],
        values: (_plot, splits) => splits.map((split) => formatBareClock(split * 1e6, zone)),
      },
      { ...axisStyle(), size: 58, space: 34, values: (_plot, splits) => splits.map((split) => values(split)) },
    ],
    series: [
      {},
      ...lines.map((line) => ({
        label: line.name,
        stroke: line.style.color,
        width: line.style.width,
        dash: [...line.style.dash],
        points: { show: false },
        spanGaps: false,
      })),
    ],
  };
}
