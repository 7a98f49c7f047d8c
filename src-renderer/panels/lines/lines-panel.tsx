// Lines: every connection, both of a market beside each other, and what an operator can do to one without endangering a tick.
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Failure } from '../../../src-shared/base/result.ts';
import type { LineState } from '../../../src-shared/contract/recording.ts';
import { venues } from '../../../src-shared/market/instrument.ts';
import { useText } from '../../i18n/text.ts';
import { useCommand, useLinkState } from '../../link/hooks.tsx';
import { Card, Choice, EmptyState } from '../../parts/controls.tsx';
import { formatCount } from '../../parts/format.ts';
import { Mark } from '../../parts/mark.tsx';
import { useBeat } from '../../parts/now.ts';
import { showFailure, showToast } from '../../parts/toasts.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import { useCommands } from '../../state/commands.ts';
import { useLive } from '../../state/live.ts';
import { goTo, settleAt, usePlace, useSettled } from '../../state/place.ts';
import { countLines, STALE_MS } from '../../state/recording-state.ts';
import { type LineAct, LineConfirm } from './line-confirm.tsx';
import { LineDetail } from './line-detail.tsx';
import { type LineFilter, type LineScope, matching, scopes } from './line-rows.ts';
import { LineTable, rowsOf } from './line-table.tsx';
import './lines.css';

const FIND = 'find:';
const none: readonly LineState[] = [];

export function LinesPanel() {
  const text = useText();
  const words = text.lines;
  const item = usePlace((place) => place.item);
  const collector = useLive((view) => view.collector);
  const heardMs = useLive((view) => view.collectorMs);
  const linked = useLinkState().phase === 'open';
  const old = useBeat(1000) - heardMs > STALE_MS;
  const [filter, setFilter] = useState<LineFilter>({ scope: 'all', venue: 'all', words: '' });
  const [asked, setAsked] = useState<{ act: LineAct; id: string } | null>(null);
  const search = useRef<HTMLInputElement>(null);

  const lines = collector?.lines ?? none;
  const nowUs = collector?.atUs ?? 0;
  const shown = useMemo(() => matching(lines, filter), [lines, filter]);
  const rows = useMemo(() => rowsOf(shown, lines, nowUs), [shown, lines, nowUs]);
  const chosen = lines.find((line) => line.id === item) ?? null;
  const acted = asked && (lines.find((line) => line.id === asked.id) ?? null);
  const counts = collector ? countLines(collector) : { live: 0, all: 0 };

  const renew = useCommand('recording.renew-line');
  const stop = useCommand('recording.stop-line');
  const start = useCommand('recording.start-line');
  const busy = renew.isPending || stop.isPending || start.isPending || !linked;
  const failed = (error: { failure: Failure }): void => showFailure(error.failure);
  const act = (evenIfLast: boolean): void => {
    if (!asked) return;
    const { id } = asked;
    setAsked(null);
    if (asked.act === 'renew')
      renew.mutate(
        { id },
        {
          onError: failed,
          onSuccess: ({ waits }) =>
            showToast('ok', ({ lines: { told } }) => (waits ? told.waits(id) : told.renewing(id))),
        },
      );
    else if (asked.act === 'stop')
      stop.mutate(
        { id, evenIfLast },
        { onError: failed, onSuccess: () => showToast('ok', ({ lines }) => lines.told.stopped(id)) },
      );
    else
      start.mutate(
        { id },
        { onError: failed, onSuccess: () => showToast('ok', ({ lines }) => lines.told.started(id)) },
      );
  };

  // Another panel asked for the lines of something: `find:` and words, of which the first that is found opens.
  const wanted = item?.startsWith(FIND) ? item.slice(FIND.length) : null;
  useEffect(() => {
    if (wanted !== null) setFilter({ scope: 'all', venue: 'all', words: wanted });
  }, [wanted]);
  const found = wanted === null || filter.words === wanted;
  const first = rows[0]?.line.id;
  useSettled('lines', (item === null || wanted !== null) && found && first !== undefined ? first : null);

  const connection = chosen?.market != null;
  const stopped = chosen?.state === 'stopped';
  const ask = (what: LineAct): void => {
    if (chosen) setAsked({ act: what, id: chosen.id });
  };
  const showGaps = (): void => goTo('gaps', `find:${chosen?.venue ?? ''} ${chosen?.market ?? ''}`);
  const section = words.commands.section;
  useCommands('lines', [
    { id: 'search-lines', section, title: words.commands.search, keys: '/', run: () => search.current?.focus() },
    {
      id: 'renew-line',
      section,
      title: words.commands.renew,
      keys: 'R',
      enabled: connection && chosen?.state === 'live' && !busy,
      run: () => ask('renew'),
    },
    {
      id: 'stop-line',
      section,
      title: stopped ? words.commands.start : words.commands.stop,
      keys: 'S',
      enabled: connection && chosen?.state !== 'closing' && !busy,
      run: () => ask(stopped ? 'start' : 'stop'),
    },
    { id: 'line-gaps', section, title: words.commands.gaps, keys: 'G', enabled: connection, run: showGaps },
    {
      id: 'line-scope',
      section,
      title: filter.scope === 'all' ? words.commands.trouble : words.commands.everything,
      keys: 'T',
      run: () => setFilter({ ...filter, scope: filter.scope === 'all' ? 'trouble' : 'all' }),
    },
  ]);

  return (
    <div className="lines">
      <Card
        title={words.title}
        className={old ? 'lines-list card-old' : 'lines-list'}
        testId="lines-list"
        end={
          counts.all > 0 && (
            <Mark tone={counts.live === counts.all ? 'ok' : 'warn'} testId="lines-count">
              {words.count(formatCount(counts.live), formatCount(counts.all))}
            </Mark>
          )
        }
      >
        <div className="lines-filter">
          <Choice<LineScope>
            small
            label={words.scope}
            value={filter.scope}
            options={scopes.map((scope) => ({ value: scope, label: words.scopes[scope] }))}
            testId="lines-scope"
            onChange={(scope) => setFilter({ ...filter, scope })}
          />
          <label>
            <span className="unseen">{text.gaps.venue}</span>
            <select
              className="input"
              data-testid="lines-venue"
              value={filter.venue}
              onChange={(event) =>
                setFilter({
                  ...filter,
                  venue: venues.find((name) => name === event.currentTarget.value) ?? 'all',
                })
              }
            >
              <option value="all">{text.gaps.allVenues}</option>
              {venues.map((venue) => (
                <option key={venue} value={venue}>
                  {venueNames[venue]}
                </option>
              ))}
            </select>
          </label>
          <input
            ref={search}
            className="input lines-search"
            type="search"
            placeholder={words.search}
            aria-label={words.search}
            data-testid="lines-search"
            value={filter.words}
            onChange={(event) => setFilter({ ...filter, words: event.currentTarget.value })}
          />
          <span className="faint nowrap">{words.shown(formatCount(shown.length))}</span>
        </div>
        {old && lines.length > 0 && (
          <p className="lines-silent">
            <Mark tone="warn">{words.silent}</Mark>
          </p>
        )}
        <div className="card-body">
          {rows.length > 0 ? (
            <LineTable rows={rows} chosen={chosen?.id ?? null} onChoose={(id) => settleAt('lines', id)} />
          ) : (
            <NoLines any={lines.length > 0} filter={filter} />
          )}
        </div>
      </Card>
      <aside className="lines-side">
        {chosen ? (
          <LineDetail
            line={chosen}
            lines={lines}
            nowUs={nowUs}
            busy={busy}
            onAct={(what) => setAsked({ act: what, id: chosen.id })}
            onGaps={showGaps}
          />
        ) : (
          <Card title={words.line}>
            <EmptyState title={words.choose} text={words.chooseWhat} />
          </Card>
        )}
      </aside>
      {asked && acted && (
        <LineConfirm act={asked.act} line={acted} lines={lines} onDo={act} onClose={() => setAsked(null)} />
      )}
    </div>
  );
}

function NoLines({ any, filter }: { any: boolean; filter: LineFilter }) {
  const words = useText().lines;
  if (!any) return <EmptyState title={words.empty} text={words.emptyWhat} testId="lines-empty" />;
  if (filter.scope === 'trouble' && filter.words.trim() === '' && filter.venue === 'all')
    return <EmptyState title={words.allWell} testId="lines-well" />;
  return <EmptyState title={words.noMatch} text={words.noMatchWhat} testId="lines-no-match" />;
}
