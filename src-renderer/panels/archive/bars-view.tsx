// Bars of an instrument: as a chart with the figures of one bar above it, or as a table with all of them.
import { useMemo, useState } from 'react';
import type { Window } from '../../../src-shared/base/time.ts';
import { type Bar, type BarInterval, barIntervalUs } from '../../../src-shared/contract/days.ts';
import { usePreferences, type Zone } from '../../i18n/preferences.ts';
import { type Text, useText } from '../../i18n/text.ts';
import { BarsChart } from '../../parts/bars-chart.tsx';
import { type BarsView as ChartView, isEven } from '../../parts/bars-chart-port.ts';
import { EmptyState, FailedState } from '../../parts/controls.tsx';
import { DataTable, type TableColumn } from '../../parts/data-table.tsx';
import { formatCount, formatTime } from '../../parts/format.ts';
import { change, exact, missingIn } from './bars.ts';
import { type StreamKey, zoneOffsetUs } from './day.ts';
import { ShortFailure } from './short-failure.tsx';
import { UnknownGaps, useUnrepaired } from './unrepaired.tsx';
import type { HeldBars } from './use-bars.ts';

export function BarsView(props: {
  readonly stream: StreamKey;
  readonly interval: BarInterval;
  readonly window: Window;
  readonly held: HeldBars;
  readonly asTable: boolean;
  /** Shows the ticks of a bar. */
  onTicks(us: number): void;
}) {
  const text = useText();
  const words = text.archive.bars;
  const { held } = props;
  if (held.failure) return <FailedState title={words.failed} failure={held.failure} onRetry={held.retry} />;
  if (held.pending && held.bars.length === 0) return <EmptyState title={text.common.loading} />;
  if (held.bars.length === 0 && held.earlierFailure)
    return <FailedState title={words.earlierFailed} failure={held.earlierFailure} onRetry={held.retryEarlier} />;
  if (held.bars.length === 0) return <EmptyState title={words.none} text={words.noneWhat} testId="bars-empty" />;
  return props.asTable ? <BarTable {...props} /> : <BarChartView {...props} />;
}

function BarChartView(props: {
  readonly stream: StreamKey;
  readonly interval: BarInterval;
  readonly window: Window;
  readonly held: HeldBars;
  onTicks(us: number): void;
}) {
  const text = useText();
  const words = text.archive.bars;
  const zone = usePreferences((preferences) => preferences.zone);
  const { held, interval, window } = props;
  const [under, setUnder] = useState<number | null>(null);
  const stepUs = barIntervalUs[interval];
  const unrepaired = useUnrepaired(props.stream, window);
  const listed = unrepaired.gaps;
  const view = useMemo<ChartView>(
    () => ({
      key: held.key,
      bars: held.bars,
      stepUs,
      priceScale: held.priceScale,
      missing: missingIn(listed ?? [], window),
      offsetUs: zoneOffsetUs(zone),
      zone,
    }),
    [held.key, held.bars, held.priceScale, stepUs, listed, window, zone],
  );
  const shown = held.bars.find((bar) => bar.us === under) ?? held.bars.at(-1);
  const even = isEven(held.bars, stepUs);
  const precision = stepUs < 60_000_000 ? 'second' : 'minute';
  const first = held.bars[0];
  const last = held.bars.at(-1);
  return (
    <div className="bars">
      {shown && (
        <p className="bars-figures" data-testid="bars-figures" aria-live="off">
          <span className="nowrap">{formatTime(shown.us, zone, precision)}</span>
          <Figure name={words.open} value={exact(shown.open, held.priceScale)} />
          <Figure name={words.high} value={exact(shown.high, held.priceScale)} />
          <Figure name={words.low} value={exact(shown.low, held.priceScale)} />
          <Figure name={words.close} value={exact(shown.close, held.priceScale)} />
          <Figure name={words.change} value={change(shown)} />
          <Figure name={words.volume} value={exact(shown.volume, held.volumeScale)} />
          <Figure name={words.trades} value={formatCount(shown.trades)} />
        </p>
      )}
      <div className="bars-room">
        <BarsChart
          view={view}
          label={words.label(
            formatCount(held.bars.length),
            formatTime(first?.us, zone, precision),
            formatTime(last?.us, zone, precision),
          )}
          testId="bars-chart"
          onBar={(bar) => setUnder(bar?.us ?? null)}
          onOldest={held.readEarlier}
          onOpen={(bar) => props.onTicks(bar.us)}
        />
      </div>
      <p className="bars-foot faint">
        <span>
          {held.readingEarlier
            ? words.earlier
            : `${words.hollow} · ${listed ? words.missing : words.notHatched}${even ? '' : ` · ${words.sideBySide}`}`}
        </span>
        {unrepaired.failure && <UnknownGaps failure={unrepaired.failure} onRetry={unrepaired.retry} />}
        {held.earlierFailure && !held.readingEarlier && (
          <ShortFailure
            title={words.earlierFailed}
            failure={held.earlierFailure}
            testId="earlier-retry"
            onRetry={held.retryEarlier}
          />
        )}
        <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          {words.credit}
        </a>
      </p>
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <span className="bars-figure">
      <span className="faint">{name}</span> <b>{value}</b>
    </span>
  );
}

function BarTable({ held, interval, onTicks }: { held: HeldBars; interval: BarInterval; onTicks(us: number): void }) {
  const text = useText();
  const zone = usePreferences((preferences) => preferences.zone);
  const { priceScale, volumeScale } = held;
  const [chosen, setChosen] = useState<string | null>(null);
  const columns = useMemo(
    () => barColumns(text, zone, barIntervalUs[interval], priceScale, volumeScale),
    [text, zone, interval, priceScale, volumeScale],
  );
  const newestFirst = useMemo(() => held.bars.toReversed(), [held.bars]);
  return (
    <div
      className="bars-table"
      {...{
        onKeyDown: (event: { key: string }) => {
          if (event.key === 'Enter' && chosen !== null) onTicks(Number(chosen));
        },
      }}
    >
      <DataTable
        rows={newestFirst}
        columns={columns}
        rowId={(bar) => String(bar.us)}
        label={text.archive.bars.table}
        testId="bars-table"
        rowTestId="bar-row"
        chosen={chosen}
        onChoose={setChosen}
      />
    </div>
  );
}

function barColumns(text: Text, zone: Zone, stepUs: number, price: number, volume: number): TableColumn<Bar>[] {
  const words = text.archive.bars;
  const figure = (
    id: string,
    title: string,
    value: (bar: Bar) => number,
    print: (bar: Bar) => string,
    hint?: string,
  ): TableColumn<Bar> => ({
    id,
    title,
    number: true,
    fits: true,
    value,
    cell: print,
    ...(hint ? { hint } : {}),
  });
  return [
    {
      id: 'time',
      title: words.time,
      fits: true,
      value: (bar) => bar.us,
      cell: (bar) => formatTime(bar.us, zone, stepUs < 60_000_000 ? 'second' : 'minute'),
    },
    figure(
      'open',
      words.open,
      (bar) => bar.open,
      (bar) => exact(bar.open, price),
    ),
    figure(
      'high',
      words.high,
      (bar) => bar.high,
      (bar) => exact(bar.high, price),
    ),
    figure(
      'low',
      words.low,
      (bar) => bar.low,
      (bar) => exact(bar.low, price),
    ),
    figure(
      'close',
      words.close,
      (bar) => bar.close,
      (bar) => exact(bar.close, price),
    ),
    figure('change', words.change, (bar) => bar.close / bar.open, change),
    figure(
      'volume',
      words.volume,
      (bar) => bar.volume,
      (bar) => exact(bar.volume, volume),
    ),
    figure(
      'buys',
      words.buys,
      (bar) => bar.buyVolume,
      (bar) => exact(bar.buyVolume, volume),
      words.buysWhat,
    ),
    figure(
      'trades',
      words.trades,
      (bar) => bar.trades,
      (bar) => formatCount(bar.trades),
    ),
  ];
}
