// Every connection: what it should carry, what the venue acknowledged, when it last spoke.
import { useMemo } from 'react';
import type { LineState } from '../../../src-shared/contract/recording.ts';
import { usePreferences, type Zone } from '../../i18n/preferences.ts';
import type { Text } from '../../i18n/text.ts';
import { useText } from '../../i18n/text.ts';
import { useCommand } from '../../link/hooks.tsx';
import { Button, Card, EmptyState } from '../../parts/controls.tsx';
import { DataTable, type TableColumn } from '../../parts/data-table.tsx';
import { formatClock, formatCount, formatDuration } from '../../parts/format.ts';
import { lineTones } from '../../parts/line-style.ts';
import { Mark, MarkShape } from '../../parts/mark.tsx';
import { useBeat } from '../../parts/now.ts';
import { showFailure, showToast } from '../../parts/toasts.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import { formatPlace } from '../../state/address.ts';
import { useLive } from '../../state/live.ts';
import { countLines, STALE_MS } from '../../state/recording-state.ts';

const none: readonly LineState[] = [];
const idOf = (line: LineState): string => line.id;

export function LinesCard() {
  const text = useText();
  const zone = usePreferences((preferences) => preferences.zone);
  const collector = useLive((view) => view.collector);
  const heardMs = useLive((view) => view.collectorMs);
  const old = useBeat(1000) - heardMs > STALE_MS;
  const renew = useCommand('recording.renew-line');
  const { mutate } = renew;
  const columns = useMemo(
    () =>
      lineColumns(text, zone, (id) =>
        mutate(
          { id },
          {
            onError: (error) => showFailure(error.failure, id),
            onSuccess: ({ waits }) =>
              showToast('ok', ({ lines: { told } }) => (waits ? told.waits(id) : told.renewing(id))),
          },
        ),
      ),
    [text, zone, mutate],
  );
  const rows = collector?.lines ?? none;
  const counts = collector ? countLines(collector) : { live: 0, all: 0 };
  return (
    <Card
      title={text.live.lines.title}
      className={old ? 'live-lines card-old' : 'live-lines'}
      testId="lines-card"
      end={
        counts.all > 0 && (
          <Mark tone={counts.live === counts.all ? 'ok' : 'warn'} testId="lines-summary">
            {text.live.lines.summary(counts.live, counts.all)}
          </Mark>
        )
      }
    >
      {rows.length > 0 ? (
        <div className="card-body">
          <DataTable
            rows={rows}
            columns={columns}
            rowId={idOf}
            label={text.live.lines.title}
            testId="lines-table"
            rowTestId="line-row"
          />
        </div>
      ) : (
        <EmptyState title={text.live.lines.empty} text={text.live.lines.emptyWhat} testId="lines-empty" />
      )}
    </Card>
  );
}

function lineColumns(text: Text, zone: Zone, renew: (id: string) => void): TableColumn<LineState>[] {
  const words = text.live.lines;
  return [
    {
      id: 'line',
      title: words.line,
      fits: true,
      value: (line) => line.id,
      cell: (line) => (
        <a
          className="evidence-link"
          title={text.watch.toLine(line.id)}
          href={formatPlace({ panel: 'lines', item: line.id })}
        >
          {venueNames[line.venue]} <span className="faint">{line.id.slice(line.venue.length + 1)}</span>
        </a>
      ),
    },
    {
      id: 'state',
      title: words.state,
      fits: true,
      value: (line) => text.live.lineStates[line.state],
      cell: (line) => <Mark tone={lineTones[line.state]}>{text.live.lineStates[line.state]}</Mark>,
    },
    {
      id: 'symbols',
      title: words.symbols,
      hint: words.symbolsWhat,
      number: true,
      fits: true,
      value: (line) => line.wanted - line.acknowledged,
      cell: (line) => (
        <span className="mark">
          {line.acknowledged < line.wanted && <MarkShape tone="warn" />}
          {formatCount(line.acknowledged)} / {formatCount(line.wanted)}
        </span>
      ),
    },
    {
      id: 'frame',
      title: words.frameAge,
      number: true,
      fits: true,
      value: (line) => line.lastFrameAgeMs,
      cell: (line) => formatDuration(line.lastFrameAgeMs, text.units),
    },
    {
      id: 'data',
      title: words.dataAge,
      number: true,
      fits: true,
      value: (line) => line.lastDataAgeMs,
      cell: (line) => formatDuration(line.lastDataAgeMs, text.units),
    },
    {
      id: 'reconnects',
      title: words.reconnects,
      number: true,
      fits: true,
      value: (line) => line.reconnects,
      cell: (line) => formatCount(line.reconnects),
    },
    {
      id: 'since',
      title: words.since,
      fits: true,
      value: (line) => line.connectedUs,
      cell: (line) => formatClock(line.connectedUs, zone),
    },
    {
      id: 'note',
      title: words.note,
      value: (line) => line.note ?? '',
      cell: (line) => (
        <span className="line-note">
          <span className="cut quiet" title={line.note ? text.common.note(line.note) : undefined}>
            {line.note && text.common.note(line.note)}
          </span>
          <Button
            small
            kind="quiet"
            className="line-renew"
            aria-label={words.renew(line.id)}
            onClick={() => renew(line.id)}
          >
            {words.renewShort}
          </Button>
        </span>
      ),
    },
  ];
}
