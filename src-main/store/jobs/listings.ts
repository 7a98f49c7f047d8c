// Listings: tells the screen of new ones, and extracts each by itself once its window has passed.

import { fail, ok, type Result, reasonOf } from '../../../src-shared/base/result.ts';
import { HOUR_US, MINUTE_US, SECOND_US } from '../../../src-shared/base/time.ts';
import type { Listing } from '../../../src-shared/market/listing.ts';
import type { Extracts } from './extract.ts';
import type { Job, JobContext } from './job.ts';

export interface Listings extends Job {
  /** A listing that the operator knows of. */
  add(coin: string, atUs: number, title: string): Result<{ listing: Listing }>;
}

/** A notice seen later than this after its publication is old news: it is shown, and extracted only when someone asks. */
const FRESH_US = 10 * MINUTE_US;
/** How far back a start looks for listings whose extract a crash prevented. */
const LOOK_BACK_US = 24 * HOUR_US;

export function openListings(context: JobContext, extracts: Extracts): Listings {
  const { catalog } = context.warehouse;
  let count = 0;

  const publish = (): void => {
    context.publish('listings.changed', { count, latest: catalog.listings.list(1)[0] ?? null });
  };

  /** moved: it was published at another time than was known when its window was extracted. */
  const extract = (listing: Listing, moved: boolean): void => {
    const { automatic, beforeSeconds, afterSeconds, format } = context.settings.extract;
    if (!automatic || listing.coin === '' || listing.detectedUs - listing.publishedUs > FRESH_US) return;
    if (!moved && extracts.ofListing(listing.id)) return;
    void extracts
      .begin(
        {
          coin: listing.coin,
          atUs: listing.publishedUs,
          beforeUs: Math.round(beforeSeconds * SECOND_US),
          afterUs: Math.round(afterSeconds * SECOND_US),
          format,
          listingId: listing.id,
        },
        'automatic',
      )
      .then((begun) => {
        if (!begun.ok)
          context.warehouse.note('extract', `${listing.coin}: no automatic extract: ${begun.failure.message}`);
      })
      .catch((error: unknown) => {
        // The catalog takes neither the job nor a note just now.
        context.warehouse.log.error({ err: error }, `${listing.coin}: no automatic extract: ${reasonOf(error)}`);
      });
  };

  return {
    start: async () => {
      context.warehouse.on('listing', ({ id, fresh, moved = false }) => {
        count += 1;
        publish();
        const listing = catalog.listings.get(id);
        if ((fresh || moved) && listing) extract(listing, moved);
      });
      const since = context.nowUs() - LOOK_BACK_US;
      for (const listing of catalog.listings.list(200)) {
        if (listing.publishedUs >= since) extract(listing, false);
      }
      publish();
    },
    stop: async () => undefined,
    add: (coinText, atUs, title) => {
      const coin = coinText.trim().toUpperCase();
      if (coin === '') return fail('listing.coin', 'name the coin that is listed');
      const listing: Listing = {
        id: `operator:${coin}:${atUs}`,
        coin,
        source: 'operator',
        venue: null,
        title,
        url: null,
        publishedUs: atUs,
        detectedUs: context.nowUs(),
        quotes: [],
      };
      const put = catalog.listings.put(listing);
      if (put) context.warehouse.emit('listing', put);
      return ok({ listing: catalog.listings.get(listing.id) ?? listing });
    },
  };
}
