// Gaps: everything that is known to be missing, why, until when the venue can still be asked, and the buttons that ask it.
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { venues } from '../../../src-shared/market/instrument.ts';
import { useText } from '../../i18n/text.ts';
import { useCommand } from '../../link/hooks.tsx';
import { Button, Card, Choice, EmptyState, FailedState } from '../../parts/controls.tsx';
import { formatCount } from '../../parts/format.ts';
import { useRemembered } from '../../parts/remembered.ts';
import { Splitter, useSplit } from '../../parts/splitter.tsx';
import { showFailure, showToast } from '../../parts/toasts.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import { useCommands } from '../../state/commands.ts';
import { useCompleteness } from '../../state/completeness.ts';
import { useLive } from '../../state/live.ts';
import { usePlace, useSettled } from '../../state/place.ts';
import { GapDetail } from './gap-detail.tsx';
import {
  askedFilter,
  canRepair,
  type GapFilter,
  type KeptFilter,
  keptFilter,
  LIST_LIMIT,
  matching,
  type Scope,
  scopes,
} from './gap-filter.ts';
import { useGapList, useWithNamed } from './gap-list.ts';
import { GapTable } from './gap-table.tsx';
import './gaps.css';
import { NoGaps } from './no-gaps.tsx';
import { RepairJobs } from './repair-jobs.tsx';

const none: ReadonlySet<string> = new Set();
const everything: KeptFilter = { scope: 'unrepaired', venue: 'all' };

export function GapsPanel() {
  const text = useText();
  const words = text.gaps;
  const item = usePlace((place) => place.item);
  const open = useLive(({ store }) => (store ? store.gaps.open + store.gaps.partial : 0));
  const known = useCompleteness();
  const [kept, keep] = useRemembered('filter.gaps', everything, keptFilter);
  // Words are not remembered: a forgotten search would hide gaps in the morning.
  const [searched, search] = useState('');
  const filter: GapFilter = { ...kept, words: searched };
  const setFilter = ({ scope, venue, words: written }: GapFilter): void => {
    if (scope !== kept.scope || venue !== kept.venue) keep({ scope, venue });
    search(written);
  };
  const split = useSplit('gaps', 300, 900);
  const [ticked, setTicked] = useState<ReadonlySet<string>>(none);
  const searchField = useRef<HTMLInputElement>(null);
  const list = useGapList(filter);
  const all = useWithNamed(searched, list.data);
  // The field takes the next letter at once; the list follows in short tasks.
  const followed = useDeferredValue(searched);
  const shown = useMemo(() => matching(all ?? [], followed), [all, followed]);
  const chosen = shown.find((gap) => gap.id === item) ?? null;
  // Who walks through the list sees the rows first; what is known of one follows.
  const detailed = useDeferredValue(chosen);
  // Ticks of rows that are no longer there would repair what nobody sees.
  const wanted = useMemo(() => shown.filter((gap) => ticked.has(gap.id)), [shown, ticked]);
  const repairable = wanted.filter(canRepair).map((gap) => gap.id);

  const repair = useCommand('gaps.repair', (output, queries) => {
    showToast('ok', ({ gaps }) => (output.queued === 0 ? gaps.nothingQueued : gaps.queued(formatCount(output.queued))));
    void queries.invalidateQueries({ queryKey: ['gaps.list'] });
  });
  const ask = (input: { ids?: string[] }): void =>
    repair.mutate(input, { onError: (error) => showFailure(error.failure) });

  // Another panel asked for some gaps, of which the first that is found opens.
  const asked = useMemo(() => askedFilter(item), [item]);
  useEffect(() => {
    if (asked === null) return;
    keep({ scope: asked.scope, venue: 'all' });
    search(asked.words);
  }, [asked, keep]);
  const first = shown[0]?.id;
  // The list of the filter before does not hold what was asked for.
  const found = asked === null || (followed === asked.words && kept.scope === asked.scope && !list.isPlaceholderData);
  useSettled('gaps', (item === null || asked !== null) && found && first !== undefined ? first : null);

  useCommands('gap-list', [
    {
      id: 'search-gaps',
      section: text.commands.gaps,
      title: text.commands.searchGaps,
      keys: '/',
      run: () => searchField.current?.focus(),
    },
    {
      id: 'repair-chosen',
      section: text.commands.gaps,
      title: text.commands.repairChosen,
      keys: 'B',
      enabled: chosen !== null && canRepair(chosen) && !repair.isPending,
      run: () => chosen && ask({ ids: [chosen.id] }),
    },
    {
      id: 'repair-ticked',
      section: text.commands.gaps,
      title: text.commands.repairTicked,
      enabled: repairable.length > 0 && !repair.isPending,
      run: () => ask({ ids: repairable }),
    },
    {
      id: 'repair',
      section: text.commands.recorder,
      title: text.commands.repair,
      enabled: open > 0 && !repair.isPending,
      run: () => ask({}),
    },
  ]);

  return (
    <div className="gaps" style={split.style}>
      <Card
        title={words.title}
        className="gaps-list"
        testId="gaps-list"
        end={
          <>
            {wanted.length > 0 && (
              <Button
                small
                kind="primary"
                testId="repair-ticked"
                disabled={repairable.length === 0 || repair.isPending}
                onClick={() => ask({ ids: repairable })}
              >
                {words.repairTicked(formatCount(repairable.length))}
              </Button>
            )}
            <Button small testId="repair-all" disabled={open === 0 || repair.isPending} onClick={() => ask({})}>
              {words.repairAll}
            </Button>
          </>
        }
      >
        <div className="gaps-filter">
          <Choice<Scope>
            small
            label={words.scope}
            value={filter.scope}
            options={scopes.map((scope) => ({ value: scope, label: words.scopes[scope] }))}
            testId="gaps-scope"
            onChange={(scope) => setFilter({ ...filter, scope })}
          />
          <label className="gaps-venue">
            <span className="unseen">{words.venue}</span>
            <select
              className="input"
              data-testid="gaps-venue"
              value={filter.venue}
              onChange={(event) => {
                const venue = venues.find((name) => name === event.currentTarget.value) ?? 'all';
                setFilter({ ...filter, venue });
              }}
            >
              <option value="all">{words.allVenues}</option>
              {venues.map((venue) => (
                <option key={venue} value={venue}>
                  {venueNames[venue]}
                </option>
              ))}
            </select>
          </label>
          <input
            ref={searchField}
            className="input gaps-search"
            type="search"
            placeholder={words.search}
            aria-label={words.search}
            data-testid="gaps-search"
            value={filter.words}
            onChange={(event) => setFilter({ ...filter, words: event.currentTarget.value })}
          />
          <span className="faint gaps-count" data-testid="gaps-count">
            {all && all.length >= LIST_LIMIT
              ? words.first(formatCount(LIST_LIMIT))
              : words.count(formatCount(shown.length))}
          </span>
        </div>
        <div className="card-body">
          {list.error && shown.length === 0 ? (
            <FailedState title={text.common.failed} failure={list.error.failure} onRetry={() => void list.refetch()} />
          ) : list.isPending || (list.isPlaceholderData && shown.length === 0) ? (
            <EmptyState title={text.common.loading} />
          ) : shown.length === 0 ? (
            <NoGaps
              known={known}
              filtered={filter.words.trim() !== '' || filter.venue !== 'all'}
              scope={filter.scope}
              onClear={() => setFilter({ ...filter, venue: 'all', words: '' })}
            />
          ) : (
            <GapTable
              gaps={shown}
              chosen={chosen?.id ?? null}
              ticked={ticked}
              onTick={(ids, on) => {
                const next = new Set(ticked);
                for (const id of ids) {
                  if (on) next.add(id);
                  else next.delete(id);
                }
                setTicked(next);
              }}
            />
          )}
        </div>
      </Card>
      <aside className="gaps-side">
        <Splitter split={split} testId="gaps-splitter" />
        {detailed ? (
          <GapDetail
            key={detailed.id}
            gap={detailed}
            asking={repair.isPending}
            onRepair={() => ask({ ids: [detailed.id] })}
          />
        ) : (
          <Card title={words.detail.title}>
            <EmptyState title={words.choose} text={words.chooseWhat} />
          </Card>
        )}
        <RepairJobs />
      </aside>
    </div>
  );
}
