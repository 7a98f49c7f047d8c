// What happened, newest first, out of what is on disk: it survives a reload, and every entry leads to its evidence.
import { useMemo, useState } from 'react';
import { type Happening, happeningKinds } from '../../../src-shared/contract/live.ts';
import { gapCauseSchema } from '../../../src-shared/market/gap.ts';
import { usePreferences, type Zone } from '../../i18n/preferences.ts';
import { type Text, useText } from '../../i18n/text.ts';
import { useRequest } from '../../link/hooks.tsx';
import { Card, EmptyState, FailedState } from '../../parts/controls.tsx';
import { DataTable, type TableColumn } from '../../parts/data-table.tsx';
import { formatClock, formatCount, formatDuration, formatTime } from '../../parts/format.ts';
import { listingTitle } from '../../parts/listing-title.ts';
import { Mark } from '../../parts/mark.tsx';
import { formatPlace } from '../../state/address.ts';
import { happeningPlace, happeningTone, matchingHappenings } from './happenings.ts';

const EVERY_MS = 2000;
const SHOWN = 400;
const DAY_MS = 86_400_000;

type Kind = Happening['kind'] | 'all';

export function HappenedCard() {
  const text = useText();
  const words = text.watch.happened;
  const zone = usePreferences((preferences) => preferences.zone);
  const [kind, setKind] = useState<Kind>('all');
  const [search, setSearch] = useState('');
  const list = useRequest('live.happened', kind === 'all' ? { limit: SHOWN } : { kinds: [kind], limit: SHOWN }, {
    everyMs: EVERY_MS,
  });
  const columns = useMemo(() => happenedColumns(text, zone), [text, zone]);
  const entries = list.data?.entries;
  const rows = useMemo(
    () => matchingHappenings(entries ?? [], search, (entry) => `${words.words[entry.what]} ${detailOf(entry, text)}`),
    [entries, search, words, text],
  );
  return (
    <Card
      title={words.title}
      className="live-happened"
      testId="happened-card"
      end={
        <>
          <input
            className="input happened-search"
            type="search"
            placeholder={words.search}
            aria-label={words.search}
            data-testid="happened-search"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <select
            className="input happened-kind"
            aria-label={words.kind}
            data-testid="happened-kind"
            value={kind}
            onChange={(event) => setKind(happeningKinds.find((one) => one === event.currentTarget.value) ?? 'all')}
          >
            {(['all', ...happeningKinds] as const).map((one) => (
              <option key={one} value={one}>
                {words.kinds[one]}
              </option>
            ))}
          </select>
        </>
      }
    >
      <div className="card-body">
        {list.error && !list.data ? (
          <FailedState title={text.common.failed} failure={list.error.failure} onRetry={() => void list.refetch()} />
        ) : !list.data ? (
          <EmptyState title={text.common.loading} />
        ) : rows.length === 0 ? (
          kind === 'all' && search.trim() === '' ? (
            <EmptyState title={words.none} text={words.noneWhat} testId="happened-empty" />
          ) : (
            <EmptyState title={words.noMatch} text={words.noMatchWhat} testId="happened-no-match" />
          )
        ) : (
          <DataTable
            rows={rows}
            columns={columns}
            rowId={(entry) => entry.id}
            label={words.title}
            testId="happened-rows"
            rowTestId="happening"
          />
        )}
      </div>
    </Card>
  );
}

function happenedColumns(text: Text, zone: Zone): TableColumn<Happening>[] {
  const words = text.watch.happened;
  return [
    {
      id: 'time',
      title: words.time,
      fits: true,
      value: (entry) => entry.atUs,
      cell: (entry) => (
        <span className="quiet" title={formatTime(entry.atUs, zone, 'milli')}>
          {Date.now() - entry.atUs / 1000 < DAY_MS / 2 ? formatClock(entry.atUs, zone) : formatTime(entry.atUs, zone)}
        </span>
      ),
    },
    {
      id: 'what',
      title: words.what,
      fits: true,
      value: (entry) => words.words[entry.what],
      cell: (entry) => <Mark tone={happeningTone(entry)}>{words.words[entry.what]}</Mark>,
    },
    {
      id: 'subject',
      title: words.subject,
      fits: true,
      value: (entry) => entry.subject,
      cell: (entry) => <Subject entry={entry} />,
    },
    {
      id: 'detail',
      title: words.detail,
      value: (entry) => entry.note,
      cell: (entry) => {
        const said = detailOf(entry, text);
        return (
          <span className="quiet" title={said}>
            {said}
          </span>
        );
      },
    },
  ];
}

function Subject({ entry }: { entry: Happening }) {
  const words = useText().watch.happened;
  const place = happeningPlace(entry);
  if (place === null) return entry.subject;
  return (
    <a className="evidence-link" href={formatPlace(place)} title={words.open(entry.subject || entry.what)}>
      {entry.subject}
    </a>
  );
}

function detailOf(entry: Happening, text: Text): string {
  const words = text.watch.happened;
  const parts: string[] = [];
  if (entry.kind === 'gap' && entry.count > 1) parts.push(words.gaps(formatCount(entry.count)));
  if (entry.awayMs !== null) parts.push(words.away(formatDuration(entry.awayMs, text.units)));
  if (entry.kind === 'listing') return [...parts, listingTitle(entry.note, text)].filter(Boolean).join(' · ');
  const cause = entry.what === 'gap-opened' ? gapCauseSchema.safeParse(entry.note) : undefined;
  const note = cause?.success ? text.live.gapCauses[cause.data] : text.common.note(entry.note);
  if (note) parts.push(note);
  return parts.join(' · ');
}
