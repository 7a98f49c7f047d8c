// The lines as rows, both of a market under each other; where one is worse than its twin a mark says so.
import { type ReactNode, useMemo } from 'react';
import type { LineState } from '../../../src-shared/contract/recording.ts';
import { type Text, useText } from '../../i18n/text.ts';
import { DataTable, type TableColumn } from '../../parts/data-table.tsx';
import { formatBytes, formatCount, formatDuration } from '../../parts/format.ts';
import { lineTones } from '../../parts/line-style.ts';
import { Mark, MarkShape } from '../../parts/mark.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import { ageMs, type Difference, differences, hostOf, pairId } from './line-rows.ts';

export interface LineRow {
  readonly line: LineState;
  readonly worse: ReadonlySet<Difference>;
  readonly alone: boolean;
  /** Every other pair stands on a shade of its own. */
  readonly shaded: boolean;
  readonly ageMs: number | null;
}

/** all: every line, of which shown are a part. */
export function rowsOf(shown: readonly LineState[], all: readonly LineState[], nowUs: number): LineRow[] {
  const ids = new Map(all.map((line) => [line, pairId(line)]));
  const pairs = new Map<string, { readonly place: number; readonly lines: LineState[] }>();
  for (const [line, id] of ids) {
    const pair = pairs.get(id);
    if (pair) pair.lines.push(line);
    else pairs.set(id, { place: pairs.size, lines: [line] });
  }
  const pairOf = (line: LineState) => pairs.get(ids.get(line) ?? pairId(line));
  const place = (line: LineState): number => pairOf(line)?.place ?? 0;
  return shown
    .toSorted((a, b) => place(a) - place(b) || a.line - b.line)
    .map((line) => {
      const twin = (line.market !== null && pairOf(line)?.lines.find((other) => other.id !== line.id)) || null;
      return {
        line,
        worse: differences(line, twin),
        alone: twin === null && line.market !== null,
        shaded: place(line) % 2 === 1,
        ageMs: ageMs(line, nowUs),
      };
    });
}

export function LineTable(props: {
  readonly rows: readonly LineRow[];
  readonly chosen: string | null;
  onChoose(id: string): void;
}) {
  const text = useText();
  const columns = useMemo(() => lineColumns(text), [text]);
  return (
    <DataTable
      rows={props.rows}
      columns={columns}
      rowId={(row) => row.line.id}
      label={text.lines.title}
      testId="lines-rows"
      rowTestId="line-line"
      chosen={props.chosen}
      onChoose={props.onChoose}
    />
  );
}

function lineColumns(text: Text): TableColumn<LineRow>[] {
  const words = text.lines;
  const marked = (row: LineRow, what: Difference, shown: ReactNode): ReactNode =>
    row.worse.has(what) ? (
      <span className="line-worse" title={words.differsWhat}>
        <MarkShape tone="warn" />
        {shown}
        <span className="unseen"> {words.differs}</span>
      </span>
    ) : (
      shown
    );
  return [
    {
      id: 'market',
      title: words.market,
      fits: true,
      value: ({ line }) => line.id,
      cell: ({ line, shaded }) => (
        <span className={shaded ? 'line-name line-shaded' : 'line-name'}>
          {venueNames[line.venue]} <span className="faint">{line.market ?? words.notice}</span>
        </span>
      ),
    },
    {
      id: 'line',
      title: words.line,
      fits: true,
      value: ({ line }) => line.line,
      cell: ({ line, alone }) => (
        <span title={alone ? words.alone : line.id}>
          {line.market === null ? '' : line.id.split(':').at(-1)}
          {alone && <span className="faint"> ·1</span>}
        </span>
      ),
    },
    {
      id: 'state',
      title: words.state,
      fits: true,
      value: ({ line }) => text.live.lineStates[line.state],
      cell: (row) => (
        <span
          className={row.worse.has('state') ? 'line-worse' : undefined}
          title={text.live.lineStates[row.line.state]}
        >
          <Mark tone={lineTones[row.line.state]}>
            {row.line.state === 'stopped' ? words.stopped : text.live.lineStates[row.line.state]}
          </Mark>
        </span>
      ),
    },
    {
      id: 'carried',
      title: words.carried,
      hint: words.carriedWhat,
      number: true,
      fits: true,
      value: ({ line }) => line.wanted - line.acknowledged,
      cell: (row) => marked(row, 'carried', `${formatCount(row.line.acknowledged)} / ${formatCount(row.line.wanted)}`),
    },
    {
      id: 'age',
      title: words.age,
      hint: words.ageWhat,
      number: true,
      fits: true,
      value: (row) => row.ageMs,
      cell: (row) => <Age row={row} />,
    },
    {
      id: 'renewals',
      title: words.renewals,
      number: true,
      fits: true,
      value: ({ line }) => line.renewals,
      cell: ({ line }) => formatCount(line.renewals),
    },
    {
      id: 'reconnects',
      title: words.reconnects,
      hint: words.reconnectsWhat,
      number: true,
      fits: true,
      value: ({ line }) => line.reconnects,
      cell: (row) => marked(row, 'reconnects', formatCount(row.line.reconnects)),
    },
    {
      id: 'frame',
      title: words.frame,
      hint: words.dataWhat,
      number: true,
      fits: true,
      value: ({ line }) => line.lastFrameAgeMs,
      cell: (row) => marked(row, 'frame', formatDuration(row.line.lastFrameAgeMs, text.units)),
    },
    {
      id: 'data',
      title: words.data,
      hint: words.dataWhat,
      number: true,
      fits: true,
      value: ({ line }) => line.lastDataAgeMs,
      cell: (row) => marked(row, 'data', formatDuration(row.line.lastDataAgeMs, text.units)),
    },
    {
      id: 'bytes',
      title: words.bytes,
      hint: words.bytesWhat,
      number: true,
      fits: true,
      value: ({ line }) => line.bytes,
      cell: (row) => marked(row, 'bytes', formatBytes(row.line.bytes)),
    },
    {
      id: 'host',
      title: words.host,
      value: ({ line }) => hostOf(line.url),
      cell: ({ line }) => (
        <span
          title={`${line.url}\n${words.source}: ${line.address ?? words.anySource}${line.note ? `\n${text.common.note(line.note)}` : ''}`}
        >
          {line.note ? <span className="quiet">{text.common.note(line.note)}</span> : hostOf(line.url)}
        </span>
      ),
    },
  ];
}

/** How old it is, with the share of the venue's limit as a bar: near its end the line renews itself. */
function Age({ row }: { row: LineRow }) {
  const text = useText();
  const { maxAgeMs } = row.line;
  if (row.ageMs === null) return formatDuration(null, text.units);
  const share = maxAgeMs === null ? null : Math.min(1, row.ageMs / maxAgeMs);
  return (
    <span className="line-age" title={maxAgeMs === null ? text.lines.noLimit : formatDuration(maxAgeMs, text.units)}>
      {formatDuration(row.ageMs, text.units)}
      <span className="line-age-bar" data-none={share === null || undefined} aria-hidden="true">
        {share !== null && <span style={{ width: `${(share * 100).toFixed(1)}%` }} />}
      </span>
    </span>
  );
}
