// The streams that move most now, against their own last minutes; each leads to its gaps and coverage.
import { useMemo, useState } from 'react';
import type { Mover } from '../../../src-shared/contract/live.ts';
import { type Text, useText } from '../../i18n/text.ts';
import { useRequest } from '../../link/hooks.tsx';
import { Card, Choice, EmptyState, FailedState } from '../../parts/controls.tsx';
import { DataTable, type TableColumn } from '../../parts/data-table.tsx';
import { formatCount, formatRate } from '../../parts/format.ts';
import { venueNames } from '../../parts/venue-style.ts';
import { formatPlace } from '../../state/address.ts';

const EVERY_MS = 1000;
const SHOWN = 40;
/** A rise is told against at least this, as the store orders it. */
const FLOOR = 1;

type By = 'rise' | 'rate';

export function MoversCard() {
  const text = useText();
  const words = text.watch.movers;
  const [by, setBy] = useState<By>('rise');
  const top = useRequest('live.movers', { by, limit: SHOWN }, { everyMs: EVERY_MS });
  const columns = useMemo(() => moverColumns(text), [text]);
  return (
    <Card
      title={words.title}
      className="live-movers"
      testId="movers-card"
      end={
        <>
          {top.data && (
            <span className="faint nowrap" data-testid="movers-summary">
              {words.summary(formatCount(top.data.moving), formatCount(top.data.all))}
            </span>
          )}
          <Choice<By>
            small
            label={words.by}
            value={by}
            options={[
              { value: 'rise', label: words.bys.rise },
              { value: 'rate', label: words.bys.rate },
            ]}
            onChange={setBy}
          />
        </>
      }
    >
      <div className="card-body">
        {top.error && !top.data ? (
          <FailedState title={text.common.failed} failure={top.error.failure} onRetry={() => void top.refetch()} />
        ) : !top.data ? (
          <EmptyState title={text.common.loading} />
        ) : top.data.streams.length === 0 ? (
          <EmptyState title={words.none} text={words.noneWhat} testId="movers-empty" />
        ) : (
          <DataTable
            rows={top.data.streams}
            columns={columns}
            rowId={({ venue, market, symbol, channel }) => `${venue}:${market}:${symbol}:${channel}`}
            label={words.title}
            testId="movers-rows"
            rowTestId="mover"
          />
        )}
      </div>
    </Card>
  );
}

function moverColumns(text: Text): TableColumn<Mover>[] {
  const words = text.watch.movers;
  const factor = (one: Mover): number => one.nowPerSecond / Math.max(one.usualPerSecond, FLOOR);
  return [
    {
      id: 'stream',
      title: words.stream,
      value: ({ symbol, venue, market }) => `${symbol} ${venue} ${market}`,
      cell: ({ symbol, venue, market }) => (
        <a className="evidence-link" href={formatPlace({ panel: 'gaps', item: `find:${venue} ${market} ${symbol}` })}>
          {symbol}{' '}
          <span className="faint">
            {venueNames[venue]} {market}
          </span>
        </a>
      ),
    },
    {
      id: 'now',
      title: words.now,
      hint: words.nowWhat,
      number: true,
      fits: true,
      value: (one) => one.nowPerSecond,
      cell: (one) => formatRate(one.nowPerSecond),
    },
    {
      id: 'usual',
      title: words.usual,
      hint: words.usualWhat,
      number: true,
      fits: true,
      value: (one) => one.usualPerSecond,
      cell: (one) => <span className="quiet">{formatRate(one.usualPerSecond)}</span>,
    },
    {
      id: 'factor',
      title: words.factor,
      number: true,
      fits: true,
      value: factor,
      cell: (one) => <b className={factor(one) >= 2 ? 'mover-up' : 'quiet'}>×{factor(one).toFixed(1)}</b>,
    },
    {
      id: 'ticks',
      title: words.ticks,
      hint: words.ticksWhat,
      number: true,
      fits: true,
      value: (one) => one.ticks,
      cell: (one) => <span className="quiet">{formatCount(one.ticks)}</span>,
    },
  ];
}
