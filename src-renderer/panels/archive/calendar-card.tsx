// The calendar of coverage: a square per venue and day. How full it is says ticks, its sign says the weakest verdict, its number the gaps that are left.
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react';
import { DAY_US, type Us } from '../../../src-shared/base/time.ts';
import { verdicts } from '../../../src-shared/market/gap.ts';
import { venues } from '../../../src-shared/market/instrument.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { type Text, useText } from '../../i18n/text.ts';
import { useEvent, useRequest } from '../../link/hooks.tsx';
import { Button, Card, EmptyState, FailedState } from '../../parts/controls.tsx';
import { formatBytes, formatCount, formatShare } from '../../parts/format.ts';
import { Mark, MarkShape } from '../../parts/mark.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import { verdictTones } from '../../parts/verdict-style.ts';
import { useCommands } from '../../state/commands.ts';
import {
  type CalendarRow,
  daysUntil,
  fullness,
  movedSquare,
  type Square,
  shares,
  squaresOf,
  weakest,
} from './calendar.ts';
import { dayName, dayOf, zoneOffsetMinutes } from './day.ts';
import { ReachNote } from './reach-note.tsx';

const DAYS = 28;
const EVERY_MS = 15_000;
const rows: readonly CalendarRow[] = ['all', ...venues];

export function CalendarCard(props: {
  /** Begin of the open day, and the row that its list is narrowed to; null: none. */
  readonly openDay: Us | null;
  readonly openRow: CalendarRow;
  onOpen(dayUs: Us, row: CalendarRow): void;
  /** The newest day that holds anything, once it is known. */
  onNewest(dayUs: Us): void;
}) {
  const text = useText();
  const words = text.archive.calendar;
  const zone = usePreferences((preferences) => preferences.zone);
  const today = dayOf(Date.now() * 1000, zone);
  const [back, setBack] = useState(0);
  const [at, setAt] = useState({ row: 0, day: DAYS - 1 });
  const lastDay = today - back * DAY_US;
  const days = useMemo(() => daysUntil(lastDay, DAYS), [lastDay]);
  const calendar = useRequest(
    'analysis.calendar',
    { fromUs: lastDay - (DAYS - 1) * DAY_US, toUs: lastDay + DAY_US, offsetMinutes: zoneOffsetMinutes(zone) },
    { everyMs: EVERY_MS, keep: true },
  );
  const summary = useEvent('analysis.summary');
  const { refetch } = calendar;
  const known = summary ? `${summary.counted} ${summary.judged}` : '';
  useEffect(() => {
    if (known !== '') void refetch();
  }, [known, refetch]);

  // Days of the last answer that are still in sight keep their squares; of the others nothing is known before this answer has come.
  const answered = calendar.isPlaceholderData ? undefined : calendar.data;
  const squares = useMemo(() => squaresOf(calendar.data?.cells ?? []), [calendar.data]);
  const wholes = squares.get('all');
  const most = Math.max(1, ...(calendar.data?.cells ?? []).map((cell) => cell.ticks));
  const newest = wholes && wholes.size > 0 ? Math.max(...wholes.keys()) : null;
  const { onNewest } = props;
  useEffect(() => {
    if (answered && newest !== null) onNewest(newest);
  }, [answered, newest, onNewest]);

  const step = (by: number): void => setBack((days) => Math.max(0, days - by));
  useCommands('archive-calendar', [
    { id: 'earlier', section: text.archive.section, title: text.archive.commands.earlier, run: () => step(-7) },
    {
      id: 'later',
      section: text.archive.section,
      title: text.archive.commands.later,
      enabled: back > 0,
      run: () => step(7),
    },
  ]);
  const pending = answered?.days.reduce((sum, day) => sum + day.pendingRows, 0) ?? 0;

  return (
    <Card
      title={words.title}
      className="calendar"
      testId="calendar"
      end={
        <>
          <ReachNote reach={calendar.data?.reach} growing={back === 0} />
          {pending > 0 && <Mark tone="busy">{words.pendingRows(formatCount(pending))}</Mark>}
          {summary && summary.judged < summary.venueDays && (
            <Mark tone="busy">{words.working(formatCount(summary.judged), formatCount(summary.venueDays))}</Mark>
          )}
          <Button small testId="calendar-earlier" onClick={() => step(-7)}>
            ← {words.earlier}
          </Button>
          <Button small testId="calendar-later" disabled={back === 0} onClick={() => step(7)}>
            {words.later} →
          </Button>
        </>
      }
    >
      <div className="card-body">
        {calendar.error && !calendar.data ? (
          <FailedState title={words.failed} failure={calendar.error.failure} onRetry={() => void refetch()} />
        ) : calendar.isPending || (newest === null && !answered) ? (
          <EmptyState title={text.common.loading} />
        ) : newest === null ? (
          <EmptyState
            title={back === 0 ? words.empty : words.emptyWindow}
            text={back === 0 ? words.emptyWhat : words.emptyWindowWhat}
            testId="calendar-empty"
          />
        ) : (
          <Grid
            days={days}
            squares={squares}
            answered={answered !== undefined}
            most={most}
            at={at}
            onMove={(place, beyond) => {
              setAt(place);
              if (beyond !== 0) step(beyond);
            }}
            openDay={props.openDay}
            openRow={props.openRow}
            onOpen={props.onOpen}
          />
        )}
      </div>
      <Legend sealed={sealedOf(words, answered?.days ?? [])} />
    </Card>
  );
}

function sealedOf(words: Text['archive']['calendar'], days: readonly { files: number; bytes: number }[]): string {
  const files = days.reduce((sum, day) => sum + day.files, 0);
  const bytes = days.reduce((sum, day) => sum + day.bytes, 0);
  return files === 0 ? '' : words.sealed(formatCount(files), formatBytes(bytes));
}

interface GridProps {
  readonly days: readonly Us[];
  readonly squares: ReadonlyMap<CalendarRow, ReadonlyMap<Us, Square>>;
  /** Whether a day without a square holds nothing, or is not known yet. */
  readonly answered: boolean;
  readonly most: number;
  readonly at: { readonly row: number; readonly day: number };
  readonly openDay: Us | null;
  readonly openRow: CalendarRow;
  onMove(place: { row: number; day: number }, beyond: number): void;
  onOpen(dayUs: Us, row: CalendarRow): void;
}

function Grid(props: GridProps) {
  const { days, at } = props;
  const text = useText();
  const words = text.archive.calendar;
  const zone = usePreferences((preferences) => preferences.zone);
  const table = useRef<HTMLTableElement>(null);

  // Who comes here with the keyboard can move at once.
  useEffect(() => {
    const active = document.activeElement;
    if (active === document.body || active?.closest('.rail')) table.current?.focus({ preventScroll: true });
  }, []);

  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' || event.key === ' ') {
      const dayUs = days[at.day];
      const row = rows[at.row];
      if (event.target !== event.currentTarget || dayUs === undefined || row === undefined) return;
      event.preventDefault();
      props.onOpen(dayUs, row);
      return;
    }
    const next = movedSquare(event.key, at, { rows: rows.length, days: days.length });
    if (!next) return;
    event.preventDefault();
    props.onMove({ row: next.row, day: next.day }, next.beyond);
  };
  // Squares are walked with the arrows; the keyboard stays on the table and the active square is named.
  const semantics = {
    role: 'grid',
    tabIndex: 0,
    'aria-label': words.what,
    'aria-busy': !props.answered,
    'aria-activedescendant': `square-${at.row}-${at.day}`,
    onKeyDown: press,
  };
  return (
    <table ref={table} className="heat" data-testid="calendar-grid" {...semantics}>
      <thead>
        <tr>
          <th scope="col" className="heat-zone">
            {words.day} ({zone})
          </th>
          {days.map((dayUs, nth) => {
            const name = dayName(dayUs, zone);
            // The month is written where it begins, so that a row of numbers is never without one.
            return (
              <th key={dayUs} scope="col" className="heat-day" data-open={dayUs === props.openDay || undefined}>
                <small>{nth === 0 || name.endsWith('-01') ? name.slice(0, 7) : ''}</small>
                {name.slice(8)}
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, rowAt) => (
          <tr key={row} className={row === 'all' ? 'heat-all' : undefined}>
            <th scope="row" className="heat-venue">
              {row === 'all' ? words.all : venueNames[row]}
            </th>
            {days.map((dayUs, dayAt) => {
              const square = props.squares.get(row)?.get(dayUs);
              const open = dayUs === props.openDay && row === props.openRow;
              const name = `${dayName(dayUs, zone)} ${zone}, ${row === 'all' ? words.all : venueNames[row]}`;
              const told = square || props.answered ? squareWords(text, square) : text.common.loading;
              return (
                <td
                  key={dayUs}
                  id={`square-${rowAt}-${dayAt}`}
                  data-active={(rowAt === at.row && dayAt === at.day) || undefined}
                  {...{ 'aria-selected': open }}
                >
                  <button
                    type="button"
                    tabIndex={-1}
                    className="square"
                    data-testid="square"
                    data-row={row}
                    data-day={dayName(dayUs, zone)}
                    data-held={square ? true : undefined}
                    aria-label={`${name}: ${told}`}
                    title={`${name}\n${told}`}
                    onClick={() => {
                      props.onMove({ row: rowAt, day: dayAt }, 0);
                      props.onOpen(dayUs, row);
                    }}
                  >
                    {square && <SquarePicture square={square} most={props.most} />}
                  </button>
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SquarePicture({ square, most }: { square: Square; most: number }) {
  const verdict = weakest(square);
  return (
    <>
      <span
        className="square-fill"
        style={{ height: `${Math.round(Math.min(1, fullness(square.ticks, most)) * 100)}%` }}
      />
      <span className="square-sign">
        <MarkShape tone={verdict ? verdictTones[verdict] : 'busy'} />
        {square.unresolvedGaps > 0 && (
          <span className="square-gaps">{square.unresolvedGaps > 99 ? '99+' : square.unresolvedGaps}</span>
        )}
      </span>
      <span className="square-shares">
        {shares(square).map((part) => (
          <span
            key={part.verdict}
            className={`share share-${part.verdict}`}
            style={{ width: `${(part.share * 100).toFixed(2)}%` }}
          />
        ))}
      </span>
    </>
  );
}

/** Everything that a square shows, in words. */
export function squareWords(text: Text, square: Square | undefined): string {
  const words = text.archive.calendar;
  if (!square) return words.nothing;
  const parts = [words.ticks(formatCount(square.ticks)), words.streams(formatCount(square.streams))];
  parts.push(
    square.gaps === 0 ? words.noGaps : words.gaps(formatCount(square.unresolvedGaps), formatCount(square.gaps)),
  );
  if (!square.verdicts) parts.push(words.pending);
  for (const { verdict, share } of shares(square)) {
    parts.push(`${text.listings.verdicts[verdict]} ${formatShare(share)}`);
  }
  return parts.join(', ');
}

function Legend({ sealed }: { sealed: string }) {
  const text = useText();
  const words = text.archive.calendar;
  return (
    <ul className="heat-legend" aria-label={words.legend}>
      {verdicts.map((verdict) => (
        <li key={verdict} title={text.listings.verdictMeanings[verdict]}>
          <Mark tone={verdictTones[verdict]}>{text.listings.verdicts[verdict]}</Mark>
        </li>
      ))}
      <li>
        <Mark tone="busy">{words.pending}</Mark>
      </li>
      <li>
        <span className="square-gaps">3</span> {words.badge}
      </li>
      <li className="faint">{words.fill}</li>
      {sealed && <li className="faint heat-sealed">{sealed}</li>}
    </ul>
  );
}
