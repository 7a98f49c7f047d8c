// Listings: what several venues, a notice and a market's appearance say of one coin at about one time is one event with all its sources.
// Promises: an event keeps its id whoever joins; writing the same source again changes nothing; two notices of one venue are two events.
import type Database from 'better-sqlite3';
import { HOUR_US, type Us } from '../../../../src-shared/base/time.ts';
import type { Listing, ListingSource } from '../../../../src-shared/market/listing.ts';

/** Sources of one coin that speak within this time of each other speak of one event. */
const EVENT_US = 24 * HOUR_US;
/** A market may open this long after its venue's own notice and still be what was announced. */
const OPENING_US = 7 * 24 * HOUR_US;
/** A notice of change or cancellation speaks of a listing announced at most this long before. */
const UPDATE_US = 60 * 24 * HOUR_US;

export interface PutListing {
  /** Of the event. */
  readonly id: string;
  /** The event was not known. */
  readonly fresh: boolean;
  /** The event was known, and its time of publication is another now. */
  readonly moved: boolean;
}

export interface Listings {
  /**
   * Adds a source to its event, or begins one; a known source keeps its first detection, its title, url and markets may be corrected. null: a
   * notice of change that speaks of no event that is known.
   */
  put(listing: Listing): PutListing | null;
  /** By the event's id, or that of any of its sources. */
  get(id: string): Listing | undefined;
  /** Newest first. */
  list(limit: number): Listing[];
  /** True when this entry was not seen before. */
  seen(notice: { venue: string; id: string; title: string }, seenUs: Us): boolean;
}

interface ListingRow {
  id: string;
  coin: string;
  source: Listing['source'];
  venue: Listing['venue'];
  title: string;
  url: string | null;
  published_us: number;
  detected_us: number;
  quotes: string;
}

interface SourceRow extends ListingRow {
  listing_id: string;
  kind: ListingSource['kind'];
  market: ListingSource['market'];
}

function quotesOf(text: string): string[] {
  const quotes: unknown = JSON.parse(text);
  return Array.isArray(quotes) ? quotes.filter((quote): quote is string => typeof quote === 'string') : [];
}

function sourceOf(row: SourceRow): ListingSource {
  const { id, kind, source, venue, market, title, url } = row;
  const [publishedUs, detectedUs] = [row.published_us, row.detected_us];
  return { id, kind, source, venue, market, title, url, publishedUs, detectedUs, quotes: quotesOf(row.quotes) };
}

function listingOf(row: ListingRow, sources: readonly SourceRow[]): Listing {
  const { id, coin, source, venue, title, url } = row;
  const [publishedUs, detectedUs] = [row.published_us, row.detected_us];
  const quotes = quotesOf(row.quotes);
  return { id, coin, source, venue, title, url, publishedUs, detectedUs, quotes, sources: sources.map(sourceOf) };
}

type Said = Pick<ListingSource, 'source' | 'venue' | 'publishedUs' | 'detectedUs'>;

/** When a source spoke: a venue may say of an instrument that it opens in days, or opened long ago. */
function spokeUs(one: Said): Us {
  return one.source === 'instrument' ? one.detectedUs : one.publishedUs;
}

/** Whether a new source speaks of the event that these sources tell. Operators ask for a time of their own: that is never another's event. */
export function belongs(event: readonly Said[], fresh: Said): boolean {
  if (fresh.source === 'operator' || event.some((one) => one.source === 'operator')) return false;
  if (fresh.source === 'notice' && event.some((one) => one.source === 'notice' && one.venue === fresh.venue))
    return false;
  return event.some((one) => {
    const afterUs = spokeUs(fresh) - spokeUs(one);
    if (Math.abs(afterUs) <= EVENT_US) return true;
    if (one.venue !== fresh.venue || one.source === fresh.source) return false;
    const openingUs = one.source === 'notice' ? afterUs : -afterUs;
    return openingUs >= 0 && openingUs <= OPENING_US;
  });
}

/** The source that an event shows: its earliest notice, else its earliest source. */
export function primary<S extends Pick<ListingSource, 'id' | 'source' | 'publishedUs'>>(
  sources: readonly S[],
): S | undefined {
  return sources.toSorted(
    (a, b) =>
      Number(b.source === 'notice') - Number(a.source === 'notice') ||
      a.publishedUs - b.publishedUs ||
      (a.id < b.id ? -1 : 1),
  )[0];
}

export function openListings(database: Database.Database): Listings {
  const get = database.prepare<[string], ListingRow>('SELECT * FROM listing WHERE id = ?');
  const list = database.prepare<[number], ListingRow>('SELECT * FROM listing ORDER BY published_us DESC, id LIMIT ?');
  const source = database.prepare<[string], SourceRow>('SELECT * FROM listing_source WHERE id = ?');
  const sourcesOf = database.prepare<[string], SourceRow>(
    'SELECT * FROM listing_source WHERE listing_id = ? ORDER BY detected_us, id',
  );
  const sourcesOfNewest = database.prepare<[number], SourceRow>(
    'SELECT * FROM listing_source WHERE listing_id IN (SELECT id FROM listing ORDER BY published_us DESC, id LIMIT ?) ORDER BY detected_us, id',
  );
  const ofCoin = database.prepare<[string], SourceRow>(
    "SELECT * FROM listing_source WHERE coin = ? AND kind = 'listing' ORDER BY detected_us, id",
  );
  const upsertSource = database.prepare(
    `INSERT INTO listing_source (id, listing_id, coin, kind, source, venue, market, title, url, published_us, detected_us, quotes)
     VALUES (@id, @listingId, @coin, @kind, @source, @venue, @market, @title, @url, @publishedUs, @detectedUs, @quotes)
     ON CONFLICT DO UPDATE SET title = excluded.title, url = excluded.url, quotes = excluded.quotes, detected_us = min(detected_us, excluded.detected_us)`,
  );
  const upsert = database.prepare(
    `INSERT INTO listing (id, coin, source, venue, title, url, published_us, detected_us, quotes)
     VALUES (@id, @coin, @source, @venue, @title, @url, @publishedUs, @detectedUs, @quotes)
     ON CONFLICT DO UPDATE SET source = excluded.source, venue = excluded.venue, title = excluded.title, url = excluded.url,
       published_us = excluded.published_us, quotes = excluded.quotes, detected_us = min(detected_us, excluded.detected_us)`,
  );
  const seen = database.prepare(
    'INSERT INTO notice_seen (venue, id, title, first_seen_us, last_seen_us) VALUES (@venue, @id, @title, @seenUs, @seenUs) ON CONFLICT DO NOTHING',
  );

  /** Events of a coin with their sources, by id. */
  const eventsOf = (coin: string): Map<string, ListingSource[]> => {
    const events = new Map<string, ListingSource[]>();
    for (const row of ofCoin.all(coin)) {
      events.set(row.listing_id, [...(events.get(row.listing_id) ?? []), sourceOf(row)]);
    }
    return events;
  };

  const nearest = (listing: Listing): string | undefined => {
    if (listing.coin === '') return undefined;
    const distance = (sources: readonly ListingSource[]): Us =>
      Math.min(...sources.map((one) => Math.abs(spokeUs(one) - spokeUs(listing))));
    return [...eventsOf(listing.coin)]
      .filter(([, sources]) => belongs(sources, listing))
      .toSorted(([, a], [, b]) => distance(a) - distance(b))[0]?.[0];
  };

  /** The newest event that was announced before this notice. */
  const spokenOf = (listing: Listing): string | undefined =>
    [...eventsOf(listing.coin)]
      .map(([id, sources]) => ({ id, us: primary(sources)?.publishedUs ?? 0 }))
      .filter(({ us }) => us <= listing.publishedUs && listing.publishedUs - us <= UPDATE_US)
      .toSorted((a, b) => b.us - a.us)[0]?.id;

  const rowOf = (listing: Listing, id: string, listingId: string, kind: ListingSource['kind']) => ({
    id,
    listingId,
    kind,
    coin: listing.coin,
    source: listing.source,
    venue: listing.venue,
    market: listing.market ?? null,
    title: listing.title,
    url: listing.url,
    publishedUs: listing.publishedUs,
    detectedUs: listing.detectedUs,
    quotes: JSON.stringify(listing.quotes),
  });

  return {
    put: database.transaction((listing: Listing): PutListing | null => {
      const kind = listing.kind ?? 'listing';
      const known = source.get(listing.id);
      if (kind !== 'listing') {
        const event = known?.listing_id ?? spokenOf(listing);
        if (event === undefined) return null;
        // A notice that announced the coin and was edited stays what it was; what it says now stands beside it.
        const id = known?.kind === 'listing' ? `${listing.id}:${kind}` : listing.id;
        upsertSource.run(rowOf(listing, id, event, kind));
        return { id: event, fresh: false, moved: false };
      }
      const event = known?.listing_id ?? nearest(listing) ?? listing.id;
      const old = get.get(event);
      upsertSource.run(rowOf(listing, listing.id, event, kind));
      const shown = primary(
        sourcesOf
          .all(event)
          .filter((row) => row.kind === 'listing')
          .map(sourceOf),
      );
      if (shown) upsert.run({ ...rowOf({ ...listing, ...shown }, event, event, kind), detectedUs: listing.detectedUs });
      return { id: event, fresh: !old, moved: old !== undefined && shown?.publishedUs !== old.published_us };
    }),
    get: (id) => {
      const row = get.get(id) ?? get.get(source.get(id)?.listing_id ?? '');
      return row && listingOf(row, sourcesOf.all(row.id));
    },
    list: (limit) => {
      const sources = Map.groupBy(sourcesOfNewest.all(limit), (row) => row.listing_id);
      return list.all(limit).map((row) => listingOf(row, sources.get(row.id) ?? []));
    },
    seen: (notice, seenUs) => seen.run({ ...notice, seenUs }).changes > 0,
  };
}
