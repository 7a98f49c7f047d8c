// Listings: what was announced, what was recorded around it, and the extract of it.
import { useEffect, useMemo, useRef, useState } from 'react';
import { useText } from '../../i18n/text.ts';
import { useEvent, useRequest } from '../../link/hooks.tsx';
import { Button, Card, EmptyState, FailedState } from '../../parts/controls.tsx';
import { useCommands } from '../../state/commands.ts';
import { usePlace, useSettled } from '../../state/place.ts';
import { AddDialog } from './add-dialog.tsx';
import { AlertChoices } from './alert-choices.tsx';
import { useExtractForm } from './extract-form.ts';
import type { ListedListing } from './jobs.ts';
import { LISTINGS_LIMIT, ListingCount } from './listing-count.tsx';
import { ListingDetail } from './listing-detail.tsx';
import { ListingList } from './listing-list.tsx';
import { jobOfItem } from './window/window-item.ts';
import { WindowView } from './window/window-view.tsx';
import './listings.css';

const none: readonly ListedListing[] = [];

export function ListingsPanel() {
  const item = usePlace((place) => place.item);
  const jobId = jobOfItem(item);
  return jobId === null ? <Listings item={item} /> : <WindowView key={jobId} jobId={jobId} />;
}

function Listings({ item }: { item: string | null }) {
  const text = useText();
  const list = useRequest('listings.list', { limit: LISTINGS_LIMIT }, { keep: true });
  const changed = useEvent('listings.changed')?.count;
  const { refetch } = list;
  const [filter, setFilter] = useState('');
  const [adding, setAdding] = useState(false);
  const filterField = useRef<HTMLInputElement>(null);
  useExtractForm();

  useEffect(() => {
    if (changed !== undefined) void refetch();
  }, [changed, refetch]);

  const listings = list.data?.listings ?? none;
  const shown = useMemo(() => {
    const wanted = filter.trim().toLowerCase();
    if (!wanted) return listings;
    return listings.filter(
      (listing) => listing.coin.toLowerCase().includes(wanted) || listing.title.toLowerCase().includes(wanted),
    );
  }, [listings, filter]);

  // The newest one is open to begin with; after that only the reader moves.
  const first = listings[0]?.id;
  useSettled('listings', item === null && first !== undefined ? first : null);

  const chosen = listings.find((listing) => listing.id === item) ?? null;

  useCommands('listings', [
    { id: 'add', section: text.commands.listings, title: text.commands.add, keys: 'N', run: () => setAdding(true) },
    {
      id: 'filter',
      section: text.commands.listings,
      title: text.commands.searchList,
      keys: '/',
      run: () => filterField.current?.focus(),
    },
  ]);

  return (
    <div className="listings">
      <Card
        title={text.listings.title}
        className="listings-list"
        testId="listings-card"
        end={
          <>
            <ListingCount count={listings.length} />
            <Button small keys="N" testId="listing-add" onClick={() => setAdding(true)}>
              {text.listings.add}
            </Button>
          </>
        }
      >
        {list.error && !list.data ? (
          <FailedState
            title={text.listings.errorTitle}
            failure={list.error.failure}
            onRetry={() => void list.refetch()}
          />
        ) : list.isPending ? (
          <EmptyState title={text.common.loading} />
        ) : listings.length === 0 ? (
          <EmptyState title={text.listings.empty} text={text.listings.emptyWhat} testId="listings-empty">
            <Button kind="primary" onClick={() => setAdding(true)}>
              {text.listings.add}
            </Button>
          </EmptyState>
        ) : (
          <ListingList listings={shown} chosen={item} filter={filter} filterField={filterField} onFilter={setFilter} />
        )}
        <AlertChoices />
      </Card>
      {chosen ? (
        <ListingDetail key={chosen.id} listing={chosen} />
      ) : (
        <Card title={text.listings.extract.title} className="listings-choose">
          <EmptyState
            title={listings.length === 0 ? text.listings.emptyDetailTitle : text.listings.choose}
            text={listings.length === 0 ? text.listings.emptyDetail : text.listings.chooseWhat}
          />
        </Card>
      )}
      {adding && <AddDialog onClose={() => setAdding(false)} />}
    </div>
  );
}
