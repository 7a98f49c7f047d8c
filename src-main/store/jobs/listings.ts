// Listings: tells the screen of new ones, and extracts each by itself once its window has passed.

import { fail, ok, type Result, reasonOf } from '../../../src-shared/base/result.ts';
import { HOUR_US, MINUTE_US, SECOND_US } from '../../../src-shared/base/time.ts';
import type { Listing } from '../../../src-shared/market/listing.ts';
import type { Extracts } from './extract.ts';
import { type Job, type JobContext, repeating } from './job.ts';

export interface Listings extends Job {
  /** A listing that the operator knows of. */
  add(coin: string, atUs: number, title: string): Result<{ listing: Listing }>;
}

/** A notice seen later than this after its publication is old news: it is shown, and extracted only when someone asks. */
const FRESH_US = 10 * MINUTE_US;
/** How far back a start looks for listings whose extract a crash prevented; and how long one that could not begin is tried. */
const LOOK_BACK_US = 24 * HOUR_US;

export interface ListingsOptions {
  /** How long automatic extracts that could not begin are left alone before they are tried again. */
  readonly againMs?: number;
}

export function openListings(context: JobContext, extracts: Extracts, options: ListingsOptions = {}): Listings {
  const { catalog } = context.warehouse;
  /** Listings whose extract could not begin. moved: see extract. noted: it was said. */
  const owed = new Map<string, { moved: boolean; noted: boolean }>();
  let count = 0;

  const publish = (): void => {
    context.publish('listings.changed', { count, latest: catalog.listings.list(1)[0] ?? null });
  };

  /** moved: it was published at another time than was known when its window was extracted. */
  const extract = (listing: Listing, moved: boolean): void => {
    const { automatic, beforeSeconds, afterSeconds, format } = context.settings.extract;
    if (!automatic || listing.coin === '' || listing.detectedUs - listing.publishedUs > FRESH_US) return;
    if (!moved && extracts.ofListing(listing.id)) {
      owed.delete(listing.id);
      return;
    }
    const order = {
      coin: listing.coin,
      atUs: listing.publishedUs,
      beforeUs: Math.round(beforeSeconds * SECOND_US),
      afterUs: Math.round(afterSeconds * SECOND_US),
      format,
      listingId: listing.id,
    };
    void extracts
      .begin(order, 'automatic')
      .catch((error: unknown) => fail('extract.failed', reasonOf(error), { retry: true }))
      .then((begun) => {
        if (begun.ok) owed.delete(listing.id);
        else owe(listing, moved, begun.failure.message);
      });
  };

  /** It is said once, as soon as the catalog takes a note; it may be the reason. */
  const owe = ({ id, coin }: Listing, moved: boolean, why: string): void => {
    const one = owed.get(id) ?? { moved, noted: false };
    owed.set(id, one);
    one.moved ||= moved;
    const text = `${coin}: no automatic extract: ${why}`;
    try {
      if (!one.noted) context.warehouse.note('extract', text);
      one.noted = true;
    } catch (error) {
      context.warehouse.log.error({ err: error }, text);
    }
  };

  const again = repeating(options.againMs ?? 60_000, async () => {
    for (const [id, { moved }] of [...owed]) {
      const listing = catalog.listings.get(id);
      if (listing && listing.publishedUs >= context.nowUs() - LOOK_BACK_US) extract(listing, moved);
      else owed.delete(id);
    }
  });

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
      await again.start();
    },
    stop: () => again.stop(),
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
