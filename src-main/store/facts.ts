// Symbol lists and notices that a batch brought, into the catalog; and who wants to know of new ones is told.
import { instrumentName } from '../../src-shared/market/instrument.ts';
import type { Listing } from '../../src-shared/market/listing.ts';
import type { Outcome } from './pipeline/outcome.ts';
import type { Warehouse } from './warehouse/warehouse.ts';

/** Writing the same facts again, as a replay does, changes nothing and tells nobody. */
export function storeFacts(warehouse: Warehouse, outcome: Pick<Outcome, 'instruments' | 'notices'>): void {
  const { catalog } = warehouse;
  const changed: { id: string; fresh: boolean }[] = [];
  catalog.transaction(() => {
    for (const { instruments, seenUs } of outcome.instruments) {
      for (const instrument of catalog.instruments.put(instruments, seenUs)) {
        const name = instrumentName(instrument);
        const listing: Listing = {
          id: `instrument:${instrument.venue}:${instrument.market}:${instrument.symbol}`,
          coin: instrument.base,
          source: 'instrument',
          venue: instrument.venue,
          title: `${name} appeared in the venue's list`,
          url: null,
          publishedUs: instrument.listedUs ?? seenUs,
          detectedUs: seenUs,
          quotes: instrument.quote === '' ? [] : [instrument.quote],
        };
        changed.push({ id: listing.id, fresh: catalog.listings.put(listing) });
      }
    }
    for (const { venue, listings, seenUs } of outcome.notices) {
      for (const listing of listings) {
        const seen = catalog.listings.seen({ venue, id: listing.id, title: listing.title }, seenUs);
        if (seen) changed.push({ id: listing.id, fresh: catalog.listings.put(listing) });
      }
    }
  });
  for (const change of changed) warehouse.emit('listing', change);
}
