// Per instrument: the price at the crosshair, what it did around t0, and its verdict with the reasons.
import { useMemo } from 'react';
import type { Manifest } from '../../../../src-shared/market/listing.ts';
import { LEAST_PAST_SECONDS, PAST_SECONDS, SHORT_PAST_SECONDS } from '../../../../src-shared/market/pump.ts';
import { useText } from '../../../i18n/text.ts';
import { DataTable, type TableColumn } from '../../../parts/data-table.tsx';
import {
  formatCount,
  formatDuration,
  formatPercent,
  formatPrice,
  formatShare,
  NOTHING,
} from '../../../parts/format.ts';
import { Swatch } from '../../../parts/plot.tsx';
import { venueNames } from '../../../parts/venue-style.ts';
import { VerdictMark } from '../verdict-words.tsx';
import type { ShownStream } from './streams.ts';
import type { Reading, Readings } from './window-chart.tsx';

interface Row {
  readonly shown: ShownStream;
  readonly reading: Reading;
}

function timesText(multiple: number): string {
  return `×${multiple >= 100 ? formatCount(multiple) : multiple.toFixed(1)}`;
}

export function FiguresTable(props: {
  readonly manifest: Manifest;
  readonly streams: readonly ShownStream[];
  readonly read: Readings;
  readonly chosen: string | null;
  onChoose(key: string): void;
}) {
  const text = useText();
  const words = text.window;
  const { streams, read } = props;
  const resting = read.at === null;
  const rows = streams.map((shown): Row => ({ shown, reading: read.of(shown.key) }));
  const columns = useMemo<readonly TableColumn<Row>[]>(
    () => [
      {
        id: 'stream',
        title: words.columns.stream,
        fits: true,
        value: ({ shown }) => shown.stream.instrument,
        cell: ({ shown: { stream, style, pair } }) => (
          <span className="window-stream">
            <Swatch style={style} /> {venueNames[stream.venue]} {pair} <span className="faint">{stream.market}</span>
          </span>
        ),
      },
      {
        id: 'price',
        title: resting ? words.noCrosshair : words.columns.price,
        hint: words.terms.drawing,
        number: true,
        fits: true,
        value: ({ reading }) => (reading.price === null ? null : Number(reading.price)),
        cell: ({ reading }) =>
          typeof reading.price === 'number' ? (
            <span className="faint" title={words.approximate}>
              ≈ {formatPrice(reading.price)}
            </span>
          ) : (
            <span data-exact={reading.exact || undefined}>{reading.price ?? NOTHING}</span>
          ),
      },
      {
        id: 'percent',
        title: words.columns.percent,
        hint: words.terms.move,
        number: true,
        fits: true,
        value: ({ reading }) => reading.percent,
        cell: ({ reading }) => formatPercent(reading.percent),
      },
      {
        id: 'lag',
        title: words.columns.lag,
        hint: words.leadMeanings.lag,
        number: true,
        fits: true,
        value: ({ shown }) => shown.lagUs,
        cell: ({ shown }) =>
          shown.lagUs === null ? (
            NOTHING
          ) : shown.lagUs === 0 ? (
            <b>{words.first}</b>
          ) : (
            `+${formatDuration(shown.lagUs / 1000, text.units)}`
          ),
      },
      {
        id: 'base',
        title: words.columns.base,
        hint: words.terms.base,
        number: true,
        fits: true,
        value: ({ shown }) => (shown.figures?.base ? Number(shown.figures.base.price) : null),
        cell: ({ shown: { figures } }) =>
          figures?.base ? (
            <span title={figures.base.from === 'after' ? words.fromAfter : undefined}>
              {figures.base.price}
              {figures.base.from === 'after' && ' *'}
            </span>
          ) : (
            NOTHING
          ),
      },
      {
        id: 'peak',
        title: words.columns.peak,
        hint: words.terms.peak,
        number: true,
        fits: true,
        value: ({ shown }) => shown.figures?.peak?.percent ?? null,
        cell: ({ shown: { figures } }) => (
          <b title={figures?.peak?.price}>{formatPercent(figures?.peak?.percent ?? null, 1)}</b>
        ),
      },
      {
        id: 'toPeak',
        title: words.columns.toPeak,
        hint: words.terms.peak,
        number: true,
        fits: true,
        value: ({ shown }) => shown.figures?.peak?.afterUs ?? null,
        cell: ({ shown: { figures } }) =>
          figures?.peak ? formatDuration(figures.peak.afterUs / 1000, text.units) : NOTHING,
      },
      {
        id: 'multiple',
        title: words.columns.multiple,
        hint: words.terms.multiple(String(PAST_SECONDS), String(LEAST_PAST_SECONDS)),
        number: true,
        fits: true,
        value: ({ shown }) => shown.figures?.volumeMultiple ?? null,
        cell: ({ shown: { figures } }) => {
          if (figures?.volumeMultiple == null) return <span title={words.noPast}>{NOTHING}</span>;
          const seconds = String(Math.round(figures.past.seconds));
          const short = figures.past.seconds < SHORT_PAST_SECONDS;
          return (
            <span title={short ? words.shortPast(seconds) : words.pastOf(seconds)}>
              {short && '~'}
              {timesText(figures.volumeMultiple)}
            </span>
          );
        },
      },
      {
        id: 'trades',
        title: words.columns.trades,
        hint: words.terms.trades,
        number: true,
        fits: true,
        value: ({ shown }) => shown.figures?.trades ?? 0,
        cell: ({ shown: { figures } }) => formatCount(figures?.trades ?? 0),
      },
      {
        id: 'buys',
        title: words.columns.buys,
        hint: words.terms.buys,
        number: true,
        fits: true,
        value: ({ shown }) => shown.figures?.buyShare ?? null,
        cell: ({ shown }) => formatShare(shown.figures?.buyShare),
      },
      {
        id: 'verdict',
        title: words.columns.verdict,
        hint: words.terms.verdict,
        fits: true,
        value: ({ shown }) => shown.stream.verdict,
        cell: ({ shown }) => <VerdictMark verdict={shown.stream.verdict} />,
      },
      {
        id: 'reasons',
        title: words.columns.reasons,
        value: ({ shown }) => shown.stream.reasons.map(text.common.reason).join('; '),
        cell: ({ shown }) => (
          <span className="quiet" title={shown.stream.reasons.map(text.common.reason).join('\n')}>
            {shown.stream.reasons.map(text.common.reason).join('; ')}
          </span>
        ),
      },
    ],
    [words, text, resting],
  );
  const open = streams.find(({ key }) => key === props.chosen);
  return (
    <div className="window-figures">
      <DataTable<Row>
        rows={rows}
        columns={columns}
        rowId={(row) => row.shown.key}
        label={words.tabs.figures}
        testId="figures-table"
        rowTestId="figures-row"
        chosen={props.chosen}
        onChoose={props.onChoose}
      />
      {open && (
        <p className="window-reasons" data-testid="window-reasons" aria-live="polite">
          <b>
            {venueNames[open.stream.venue]} {open.pair} <span className="faint">{open.stream.market}</span>
          </b>{' '}
          <VerdictMark verdict={open.stream.verdict} />{' '}
          <span className="quiet">
            {text.listings.verdict.because(
              text.listings.verdictMeanings[open.stream.verdict],
              open.stream.reasons.map(text.common.reason).join('; '),
            )}
          </span>
        </p>
      )}
    </div>
  );
}
