// The list of announcements: arrows move and open, Enter goes on to the Extract button. Titles come from outside and are only ever text.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type RefObject, useCallback, useEffect, useState } from 'react';
import type { ExtractJob } from '../../../src-shared/contract/listings.ts';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { EmptyState } from '../../parts/controls.tsx';
import { formatDuration, formatTime } from '../../parts/format.ts';
import { listingTitle } from '../../parts/listing-title.ts';
import { Mark, type Tone } from '../../parts/mark.tsx';
import { venueNames } from '../../parts/venue-style.ts';
import { goTo } from '../../state/place.ts';
import { useExtractFormState, useJobs } from './extract-form.ts';
import { isRunning, jobOf, type ListedListing, worstVerdict } from './jobs.ts';
import { VerdictMark } from './verdict-words.tsx';

const ROW_HEIGHT = 62;

export function ListingList(props: {
  readonly listings: readonly ListedListing[];
  readonly chosen: string | null;
  readonly filter: string;
  readonly filterField: RefObject<HTMLInputElement | null>;
  onFilter(filter: string): void;
}) {
  const text = useText();
  const { listings, chosen } = props;
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  const virtual = useVirtualizer({
    count: listings.length,
    getScrollElement: useCallback(() => box, [box]),
    estimateSize: () => ROW_HEIGHT,
    overscan: 6,
  });
  const at = listings.findIndex((listing) => listing.id === chosen);

  // Who comes here with the keyboard can move at once.
  useEffect(() => {
    if (box && (document.activeElement === document.body || document.activeElement?.closest('.rail'))) box.focus();
  }, [box]);

  const move = (event: KeyboardEvent): void => {
    const last = listings.length - 1;
    const steps: Record<string, number> = {
      ArrowDown: Math.min(last, at + 1),
      ArrowUp: Math.max(0, at - 1),
      PageDown: Math.min(last, at + 10),
      PageUp: Math.max(0, at - 10),
      Home: 0,
      End: last,
    };
    const next = steps[event.key];
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      document.querySelector<HTMLElement>('[data-testid="extract-button"]')?.focus();
      event.preventDefault();
      return;
    }
    if (next === undefined) return;
    event.preventDefault();
    const listing = listings[next];
    if (!listing) return;
    goTo('listings', listing.id);
    virtual.scrollToIndex(next);
  };

  return (
    <>
      <div className="listings-filter">
        <input
          ref={props.filterField}
          className="input"
          type="search"
          aria-label={text.listings.filter}
          placeholder={`${text.listings.filter}  /`}
          data-testid="listings-filter"
          value={props.filter}
          onChange={(event) => props.onFilter(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') props.onFilter('');
            else if (event.key === 'ArrowDown' && !event.nativeEvent.isComposing) box?.focus();
          }}
        />
      </div>
      <div
        ref={setBox}
        className="listings-scroll"
        role="listbox"
        tabIndex={0}
        aria-label={text.listings.title}
        aria-activedescendant={at >= 0 ? `listing-${at}` : undefined}
        data-testid="listings-list"
        onKeyDown={move}
      >
        {listings.length === 0 ? (
          <EmptyState title={text.listings.noMatch} />
        ) : (
          <div className="listings-rows" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map((item) => {
              const listing = listings[item.index];
              return (
                listing && (
                  <ListingRow
                    key={listing.id}
                    listing={listing}
                    index={item.index}
                    top={item.start}
                    chosen={item.index === at}
                  />
                )
              );
            })}
          </div>
        )}
      </div>
    </>
  );
}

/** A finished extract is worth what its worst stream is worth. */
function JobMark({ job }: { job: ExtractJob }) {
  const text = useText();
  const worst = job.state === 'done' && job.manifest ? worstVerdict(job.manifest.streams) : null;
  if (worst) return <VerdictMark verdict={worst} />;
  return (
    <Mark tone={jobTones[job.state]}>
      {isRunning(job) ? `${Math.round(job.progress * 100)} %` : text.listings.extract.jobStates[job.state]}
    </Mark>
  );
}

const jobTones: Record<'waiting' | 'repairing' | 'writing' | 'done' | 'failed' | 'cancelled', Tone> = {
  waiting: 'busy',
  repairing: 'busy',
  writing: 'busy',
  done: 'ok',
  failed: 'bad',
  cancelled: 'idle',
};

function ListingRow(props: {
  readonly listing: ListedListing;
  readonly index: number;
  readonly top: number;
  readonly chosen: boolean;
}) {
  const text = useText();
  const zone = usePreferences((preferences) => preferences.zone);
  const { listing } = props;
  const started = useExtractFormState((form) => form.started.get(listing.id));
  const job = jobOf(listing, useJobs(), started);
  return (
    <button
      type="button"
      id={`listing-${props.index}`}
      role="option"
      tabIndex={-1}
      aria-selected={props.chosen}
      className="listing-row"
      data-testid="listing-row"
      data-coin={listing.coin}
      data-listing={listing.id}
      style={{ transform: `translateY(${props.top}px)` }}
      onClick={() => goTo('listings', listing.id)}
    >
      <span className="listing-row-head">
        <b className="listing-coin cut">{listing.coin}</b>
        <span className="faint cut">
          {listing.venue ? `${venueNames[listing.venue]} · ` : ''}
          {text.listings.sources[listing.source]}
        </span>
        <span className="listing-row-job">
          {job ? <JobMark job={job} /> : <span className="faint">{text.listings.extract.unextracted}</span>}
        </span>
      </span>
      <span className="listing-title cut quiet" title={listingTitle(listing.title, text)}>
        {listingTitle(listing.title, text) || '\u00a0'}
      </span>
      <span className="listing-row-time faint">
        {formatTime(listing.publishedUs, zone)}
        {listing.source !== 'operator' && (
          <span>+{formatDuration((listing.detectedUs - listing.publishedUs) / 1000, text.units)}</span>
        )}
      </span>
    </button>
  );
}
