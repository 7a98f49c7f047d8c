// The instruments of a day: what each holds, what it lacks, and what can be said of it. Thousands of rows, searched and sorted in place.
import { type RefObject, useMemo, useState } from 'react';
import type { Window } from '../../../src-shared/base/time.ts';
import type { DayStream } from '../../../src-shared/contract/days.ts';
import { type Verdict, verdicts } from '../../../src-shared/market/gap.ts';
import { type Venue, venues } from '../../../src-shared/market/instrument.ts';
import { usePreferences, type Zone } from '../../i18n/preferences.ts';
import { type Text, useText } from '../../i18n/text.ts';
import { useRequest } from '../../link/hooks.tsx';
import { Card, EmptyState, FailedState } from '../../parts/controls.tsx';
import { DataTable, type TableColumn } from '../../parts/data-table.tsx';
import { formatBytes, formatClock, formatCount } from '../../parts/format.ts';
import { Mark } from '../../parts/mark.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import { verdictTones } from '../../parts/verdict-style.ts';
import { ReachNote } from './reach-note.tsx';

const EVERY_MS = 15_000;

/** A stream of a day as one name. */
export const streamId = (stream: Pick<DayStream, 'venue' | 'market' | 'symbol'>): string =>
  `${stream.venue}:${stream.market}:${stream.symbol}`;

export function DayCard(props: {
  readonly window: Window;
  readonly dayName: string;
  readonly venue: Venue | null;
  readonly chosen: string | null;
  readonly searchField: RefObject<HTMLInputElement | null>;
  /** Narrow: beside an open instrument only the columns that choose one are shown. */
  readonly narrow: boolean;
  onVenue(venue: Venue | null): void;
  onChoose(stream: DayStream): void;
}) {
  const text = useText();
  const words = text.archive.day;
  const zone = usePreferences((preferences) => preferences.zone);
  const [search, setSearch] = useState('');
  const { window, venue } = props;
  const passed = window.toUs < Date.now() * 1000;
  // Nothing of the last day is kept: its figures would stand under the name of this one.
  const day = useRequest(
    'analysis.day',
    { fromUs: window.fromUs, toUs: window.toUs },
    { everyMs: passed ? EVERY_MS * 4 : EVERY_MS },
  );
  const all = day.data?.streams;
  const shown = useMemo(() => {
    const wanted = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
    return (all ?? []).filter((stream) => {
      if (venue && stream.venue !== venue) return false;
      const name =
        `${stream.instrument} ${stream.symbol} ${stream.base} ${stream.venue} ${stream.market}`.toLowerCase();
      return wanted.every((word) => name.includes(word));
    });
  }, [all, venue, search]);
  const columns = useMemo(() => {
    const every = dayColumns(text, zone);
    return props.narrow ? every.filter((column) => !['first', 'last', 'bytes'].includes(column.id)) : every;
  }, [text, zone, props.narrow]);

  return (
    <Card title={words.title(props.dayName)} className="archive-day" testId="archive-day">
      <div className="archive-filter">
        <label>
          <span className="unseen">{words.venue}</span>
          <select
            className="input"
            data-testid="day-venue"
            value={venue ?? 'all'}
            onChange={(event) => {
              const chosen = event.currentTarget.value;
              props.onVenue(venues.find((name) => name === chosen) ?? null);
            }}
          >
            <option value="all">{text.archive.calendar.all}</option>
            {venues.map((name) => (
              <option key={name} value={name}>
                {venueNames[name]}
              </option>
            ))}
          </select>
        </label>
        <input
          ref={props.searchField}
          className="input archive-search"
          type="search"
          placeholder={`${words.search}  /`}
          aria-label={words.search}
          data-testid="day-search"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setSearch('');
          }}
        />
        <span className="faint nowrap" data-testid="day-count">
          {words.count(formatCount(shown.length))}
        </span>
        <ReachNote reach={day.data?.reach} growing={!passed} />
      </div>
      <div className="card-body">
        {day.error && !day.data ? (
          <FailedState title={words.failed} failure={day.error.failure} onRetry={() => void day.refetch()} />
        ) : day.isPending ? (
          <EmptyState title={text.common.loading} />
        ) : shown.length === 0 ? (
          <EmptyState
            title={all?.length ? words.noMatch : words.none}
            text={all?.length ? words.noMatchWhat : words.noneWhat}
            testId="day-empty"
          />
        ) : (
          <DataTable
            rows={shown}
            columns={columns}
            rowId={streamId}
            label={words.list}
            testId="day-rows"
            rowTestId="day-row"
            chosen={props.chosen}
            onChoose={(id) => {
              const stream = shown.find((one) => streamId(one) === id);
              if (stream) props.onChoose(stream);
            }}
          />
        )}
      </div>
    </Card>
  );
}

/** The verdict as sign and word, its reasons on hover. */
export function DayVerdict({ stream }: { stream: { readonly verdict: Verdict; readonly reasons: readonly string[] } }) {
  const text = useText();
  const meaning = text.listings.verdictMeanings[stream.verdict];
  return (
    <span title={[meaning, ...stream.reasons.map(text.common.reason)].join('\n')} data-verdict={stream.verdict}>
      <Mark tone={verdictTones[stream.verdict]}>{text.listings.verdicts[stream.verdict]}</Mark>
    </span>
  );
}

function dayColumns(text: Text, zone: Zone): TableColumn<DayStream>[] {
  const words = text.archive.day;
  return [
    {
      id: 'instrument',
      title: words.instrument,
      value: (stream) => `${stream.symbol} ${stream.venue} ${stream.market}`,
      cell: (stream) => (
        <span title={`${stream.instrument} ${stream.channel}`}>
          {stream.symbol}{' '}
          <span className="faint">
            {venueNames[stream.venue]} {stream.market}
          </span>
        </span>
      ),
    },
    {
      id: 'ticks',
      title: words.ticks,
      number: true,
      fits: true,
      value: (stream) => stream.ticks,
      cell: (stream) => formatCount(stream.ticks),
    },
    {
      id: 'gaps',
      title: words.gaps,
      hint: words.gapsWhat,
      number: true,
      fits: true,
      value: (stream) => stream.unresolvedGaps * 1e6 + stream.gaps,
      cell: (stream) =>
        stream.gaps === 0 ? (
          <span className="faint">0</span>
        ) : (
          <span className={stream.unresolvedGaps > 0 ? 'tone-warn' : undefined}>
            {formatCount(stream.unresolvedGaps)} / {formatCount(stream.gaps)}
          </span>
        ),
    },
    {
      id: 'verdict',
      title: words.verdict,
      fits: true,
      value: (stream) => String(verdicts.indexOf(stream.verdict)),
      cell: (stream) => <DayVerdict stream={stream} />,
    },
    {
      id: 'first',
      title: words.first,
      fits: true,
      value: (stream) => stream.firstUs,
      cell: (stream) => formatClock(stream.firstUs, zone),
    },
    {
      id: 'last',
      title: words.last,
      fits: true,
      value: (stream) => stream.lastUs,
      cell: (stream) => formatClock(stream.lastUs, zone),
    },
    {
      id: 'bytes',
      title: words.bytes,
      hint: words.bytesWhat,
      number: true,
      fits: true,
      value: (stream) => stream.bytes,
      cell: (stream) => (stream.bytes === 0 ? <span className="faint">–</span> : formatBytes(stream.bytes)),
    },
  ];
}
