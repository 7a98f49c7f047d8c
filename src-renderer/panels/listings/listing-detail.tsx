// One listing: its clocks, the extract, the picture and the verdicts.

import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { usePreferences } from '../../i18n/preferences.ts';
import { useText } from '../../i18n/text.ts';
import { useRequest } from '../../link/hooks.tsx';
import { formatClock, formatDuration, formatTime } from '../../parts/format.ts';
import { listingTitle } from '../../parts/listing-title.ts';
import { venueNames } from '../../parts/venue-style.ts';
import { ExtractCard } from './extract-card.tsx';
import { useExtractFormState, useJobs, windowOf } from './extract-form.ts';
import { isRunning, jobOf, type ListedListing } from './jobs.ts';
import { PICTURE_BUCKETS } from './picture.ts';
import { PictureCard } from './picture-card.tsx';
import { NoticeLink, SourceTable } from './source-table.tsx';
import { VerdictCard } from './verdict-card.tsx';

const HOUR_US = 3_600_000_000;
/** Trades come late by at most so much; until then the picture is asked for again. */
const LATENESS_MS = 8000;
const TYPING_MS = 400;

export function ListingDetail({ listing }: { listing: ListedListing }) {
  const form = useExtractFormState();
  const job = jobOf(listing, useJobs(), form.started.get(listing.id));
  const range = windowOf(form);
  const beforeUs = useSettled(range?.beforeUs ?? 20_000_000, TYPING_MS);
  const afterUs = useSettled(range?.afterUs ?? 20_000_000, TYPING_MS);
  const passed = Date.now() > (listing.publishedUs + afterUs) / 1000 + LATENESS_MS;
  const picture = useRequest(
    'listings.window',
    { coin: listing.coin, atUs: listing.publishedUs, beforeUs, afterUs, buckets: PICTURE_BUCKETS },
    { keep: true, everyMs: passed ? false : 2000, staleMs: passed ? 60_000 : 0 },
  );

  const queries = useQueryClient();
  const state = job?.state;
  const running = job ? isRunning(job) : false;
  useEffect(() => {
    if (state === undefined || running) return;
    // Repair during the extract may have filled gaps: the list and the picture are asked for again.
    void queries.invalidateQueries({ queryKey: ['listings.window'] });
    void queries.invalidateQueries({ queryKey: ['listings.list'] });
  }, [state, running, queries]);

  return (
    <div className="listing-detail" data-testid="listing-detail">
      <Clocks listing={listing} />
      <ExtractCard listing={listing} job={job} />
      <PictureCard picture={picture} listing={listing} />
      <VerdictCard passed={passed} listing={listing} job={job} picture={picture} />
    </div>
  );
}

/** The number once it has stayed the same for so long; the first one at once. */
function useSettled(value: number, ms: number): number {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

function Clocks({ listing }: { listing: ListedListing }) {
  const text = useText();
  const zone = usePreferences((preferences) => preferences.zone);
  const words = text.listings;
  const { url } = listing;
  return (
    <header className="clocks card">
      <h2 className="clocks-coin cut">{listing.coin}</h2>
      <dl className="clocks-times">
        <div title={words.publishedWhat}>
          <dt>{words.published} · t0</dt>
          <dd data-testid="clock-published">{formatTime(listing.publishedUs, zone, 'milli')}</dd>
        </div>
        <div title={words.detectedWhat}>
          <dt>{words.detected}</dt>
          <dd>
            {listing.detectedUs - listing.publishedUs < HOUR_US
              ? formatClock(listing.detectedUs, zone, 'milli')
              : formatTime(listing.detectedUs, zone, 'milli')}
          </dd>
        </div>
        <div>
          <dt>{words.delay}</dt>
          <dd>
            {listing.source === 'operator'
              ? words.sources.operator
              : formatDuration((listing.detectedUs - listing.publishedUs) / 1000, text.units)}
          </dd>
        </div>
        {(listing.venue || listing.quotes.length > 0) && (
          <div>
            <dt>{words.markets}</dt>
            <dd className="cut">
              {listing.venue && venueNames[listing.venue]} {listing.quotes.join(' ')}
            </dd>
          </div>
        )}
      </dl>
      <div className="clocks-title">
        <p className="cut quiet" title={listingTitle(listing.title, text)} data-testid="listing-title">
          {listingTitle(listing.title, text) || words.sources[listing.source]}
        </p>
        <NoticeLink url={url} />
      </div>
      {(listing.sources?.length ?? 0) > 1 && (
        <details className="clocks-sources" data-testid="listing-sources">
          <summary>{text.window.sources.count(String(listing.sources?.length ?? 0))}</summary>
          <SourceTable coin={listing.coin} sources={listing.sources ?? []} clocks={null} />
        </details>
      )}
    </header>
  );
}
