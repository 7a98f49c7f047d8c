// One instrument on one day: its bars, its ticks, and the ways on to its gaps and to a query about it.
import { type RefObject, useMemo, useState } from 'react';
import { create } from 'zustand';
import { formatIso, type Window } from '../../../src-shared/base/time.ts';
import { type BarInterval, barIntervals, type DayStream } from '../../../src-shared/contract/days.ts';
import { useText } from '../../i18n/text.ts';
import { Button, Card, Choice } from '../../parts/controls.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import { useCommands } from '../../state/commands.ts';
import { goTo } from '../../state/place.ts';
import { openInAnalysis } from '../../state/prepared-query.ts';
import { barWindow } from './bars.ts';
import { BarsView } from './bars-view.tsx';
import type { StreamKey } from './day.ts';
import { DayVerdict } from './day-card.tsx';
import { ReachNote } from './reach-note.tsx';
import { TicksView } from './ticks-view.tsx';
import { UnrepairedMark, useUnrepaired } from './unrepaired.tsx';
import { useBars } from './use-bars.ts';
import type { Seek } from './use-ticks.ts';

const views = ['bars', 'table', 'ticks'] as const;
type View = (typeof views)[number];

/** How instruments are looked at: it stays when another one is opened, or when the zone is changed. */
const useLook = create<{ readonly view: View; readonly interval: BarInterval }>(() => ({
  view: 'bars',
  interval: '1m',
}));

export function InstrumentCard(props: {
  readonly stream: StreamKey;
  /** What the day's list says of it; null: not (yet) in the list. */
  readonly listed: DayStream | null;
  readonly window: Window;
  readonly dayName: string;
  readonly seekField: RefObject<HTMLInputElement | null>;
  onClose(): void;
}) {
  const text = useText();
  const words = text.archive.instrument;
  const { stream, window, listed, dayName } = props;
  const { view, interval } = useLook();
  const setView = (next: View): void => useLook.setState({ view: next });
  const setInterval = (next: BarInterval): void => useLook.setState({ interval: next });
  const [seek, setSeek] = useState<Seek>({ us: window.fromUs, direction: 'forward', nth: 0 });
  const { fromUs, toUs } = barWindow(window, interval);
  const growing = toUs > Date.now() * 1000;
  const barSpan = useMemo<Window>(() => ({ fromUs, toUs }), [fromUs, toUs]);
  const bars = useBars(stream, interval, barSpan, growing && view !== 'ticks');

  const unrepaired = useUnrepaired(stream, window);
  const seekTo = (us: number, direction: Seek['direction']): void =>
    setSeek((old) => ({ us, direction, nth: old.nth + 1 }));
  const showTicks = (us: number): void => {
    seekTo(us, 'forward');
    setView('ticks');
  };
  const query = (): void =>
    openInAnalysis({
      title: `${stream.symbol} ${dayName}`,
      sql: preparedSql(stream, window),
      fromUs: window.fromUs,
      toUs: window.toUs,
    });

  useCommands('archive-instrument', [
    ...views.map((name) => ({
      id: `view-${name}`,
      section: text.archive.section,
      title: text.archive.commands[name],
      run: () => setView(name),
    })),
    {
      id: 'query-instrument',
      section: text.archive.section,
      title: text.archive.commands.query,
      keys: 'Q',
      run: query,
    },
    {
      id: 'seek-ticks',
      section: text.archive.section,
      title: text.archive.commands.seek,
      keys: 'T',
      run: () => {
        setView('ticks');
        // The field is there after the next paint.
        requestAnimationFrame(() => props.seekField.current?.focus());
      },
    },
  ]);

  return (
    <Card
      title={
        <span data-testid="instrument-title">
          {stream.symbol} <span className="faint">{`${venueNames[stream.venue]} ${stream.market}`}</span>
        </span>
      }
      className="instrument"
      testId="instrument"
      end={
        <>
          {listed && <DayVerdict stream={listed} />}
          <UnrepairedMark unrepaired={unrepaired} onOpen={(id) => goTo('gaps', id)} />
          <Button small keys="Q" testId="instrument-query" title={words.toAnalysisWhat} onClick={query}>
            {words.toAnalysis}
          </Button>
          <Button small kind="quiet" testId="instrument-close" aria-label={words.close} onClick={props.onClose}>
            ×
          </Button>
        </>
      }
    >
      <div className="archive-filter">
        <Choice<View>
          small
          label={words.view}
          value={view}
          options={views.map((name) => ({ value: name, label: words.views[name] }))}
          testId="instrument-view"
          onChange={setView}
        />
        {view !== 'ticks' && (
          <Choice<BarInterval>
            small
            label={words.interval}
            value={interval}
            options={barIntervals.map((name) => ({ value: name, label: words.intervals[name] }))}
            testId="bar-interval"
            onChange={setInterval}
          />
        )}
        <ReachNote reach={bars.reach} growing={growing} />
      </div>
      <div className="card-body instrument-body">
        {view === 'ticks' ? (
          <TicksView
            stream={stream}
            window={window}
            dayName={dayName}
            seek={seek}
            field={props.seekField}
            onSeek={seekTo}
          />
        ) : (
          <BarsView
            stream={stream}
            interval={interval}
            window={barSpan}
            held={bars}
            asTable={view === 'table'}
            onTicks={showTicks}
          />
        )}
      </div>
    </Card>
  );
}

/** The instrument's trades of the day, as a statement to go on from. */
function preparedSql(stream: StreamKey, window: Window): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  return [
    'SELECT event_at, side, price, qty, id, origin',
    'FROM trade',
    `WHERE venue = ${quoted(stream.venue)} AND market = ${quoted(stream.market)} AND symbol = ${quoted(stream.symbol)}`,
    `  AND event_us >= ${window.fromUs} -- ${formatIso(window.fromUs).slice(0, 19)}Z`,
    `  AND event_us < ${window.toUs} -- ${formatIso(window.toUs).slice(0, 19)}Z`,
    'ORDER BY event_us, length(id), id',
  ].join('\n');
}
