// Symbol lists and notices that a batch brought, into the catalog; and who wants to know of new ones is told.
import { formatIso } from '../../src-shared/base/time.ts';
import { type Instrument, instrumentName } from '../../src-shared/market/instrument.ts';
import type { Listing } from '../../src-shared/market/listing.ts';
import type { Outcome } from './pipeline/outcome.ts';
import type { PutListing } from './warehouse/catalog.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

/** More new names in one list than this is a venue that changed its list, not that many listings. */
const LISTED_AT_ONCE = 100;

/** Writing the same facts again, as a replay does, changes nothing and tells nobody. */
export function storeFacts(warehouse: Warehouse, outcome: Pick<Outcome, 'instruments' | 'notices'>): void {
  const { catalog } = warehouse;
  const changed = new Map<string, PutListing>();
  const notes: { text: string; key: string }[] = [];
  const put = (listing: Listing): void => {
    const done = catalog.listings.put(listing);
    const before = done && changed.get(done.id);
    if (!done) return;
    changed.set(done.id, {
      ...done,
      fresh: done.fresh || (before?.fresh ?? false),
      moved: done.moved || (before?.moved ?? false),
    });
  };
  catalog.transaction(() => {
    for (const { venue, market, instruments, seenUs, ...place } of outcome.instruments) {
      const fresh = catalog.instruments.put(instruments, seenUs, place).filter(mayOpen);
      if (fresh.length > LISTED_AT_ONCE) {
        notes.push({
          text: `${venue} ${market}: ${fresh.length} instruments appeared in one list at ${formatIso(seenUs)}; they are recorded as the settings say, but not taken for listings`,
          key: `listed-at-once ${venue} ${market} ${place.frame}`,
        });
      } else for (const instrument of fresh) put(listingOf(instrument, seenUs));
    }
    for (const { venue, listings, seenUs } of outcome.notices) {
      for (const listing of listings) {
        if (catalog.listings.seen({ venue, id: listing.id, title: listing.title }, seenUs)) put(listing);
      }
    }
  });
  for (const { text, key } of notes) warehouse.note('instruments', text, key);
  for (const change of changed.values()) warehouse.emit('listing', change);
}

/** An instrument that is new and already over, or held back, is no listing. */
function mayOpen({ state }: Instrument): boolean {
  return state === 'trading' || state === 'pre-launch' || state === 'unknown';
}

function listingOf(instrument: Instrument, seenUs: number): Listing {
  const { venue, market, symbol, base, quote } = instrument;
  return {
    id: `instrument:${venue}:${market}:${symbol}`,
    coin: base.toUpperCase(),
    source: 'instrument',
    venue,
    market,
    title: `${instrumentName(instrument)} appeared in the venue's list`,
    url: null,
    publishedUs: instrument.listedUs ?? seenUs,
    detectedUs: seenUs,
    quotes: quote === '' ? [] : [quote],
  };
}
