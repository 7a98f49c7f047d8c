// What the venues list and announce: instruments with their history, listings, notices seen.
import type Database from 'better-sqlite3';
import type { Us } from '../../../../src-shared/base/time.ts';
import type { Instrument } from '../../../../src-shared/market/instrument.ts';
import type { Listing } from '../../../../src-shared/market/listing.ts';

interface InstrumentRow extends Omit<Instrument, 'contractSize' | 'listedUs'> {
  contract_size: string | null;
  listed_us: number | null;
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

export interface SeenInstrument extends Instrument {
  readonly firstSeenUs: Us;
}

export interface Instruments {
  /** A venue's whole list of one market, as seen at a time. Gives those never seen before; none when it is the first list of that market. */
  put(instruments: readonly Instrument[], seenUs: Us): Instrument[];
  list(filter?: {
    venue?: string | undefined;
    market?: string | undefined;
    coin?: string | undefined;
    symbol?: string | undefined;
  }): SeenInstrument[];
}

export interface Listings {
  /** True when it was not known. A known one keeps its first detection; its title, url and markets may be corrected. */
  put(listing: Listing): boolean;
  get(id: string): Listing | undefined;
  /** Newest first. */
  list(limit: number): Listing[];
  /** True when this entry was not seen before. */
  seen(notice: { venue: string; id: string; title: string }, seenUs: Us): boolean;
}

function instrumentOf({ contract_size: contractSize, listed_us: listedUs, ...row }: InstrumentRow): Instrument {
  return { ...row, contractSize, listedUs };
}

export function openInstruments(database: Database.Database): Instruments {
  const columns = 'venue, market, symbol, base, quote, contract_size, state, listed_us';
  const known = database.prepare<[string, string], InstrumentRow>(
    `SELECT ${columns} FROM instrument WHERE venue = ? AND market = ?`,
  );
  const upsert = database.prepare(
    `INSERT INTO instrument (${columns}, first_seen_us, last_seen_us) VALUES (@venue, @market, @symbol, @base, @quote, @contractSize, @state, @listedUs, @seenUs, @seenUs)
     ON CONFLICT DO UPDATE SET base = excluded.base, quote = excluded.quote, contract_size = excluded.contract_size, state = excluded.state,
       listed_us = excluded.listed_us, last_seen_us = max(last_seen_us, excluded.last_seen_us)`,
  );
  const history = database.prepare(
    `INSERT INTO instrument_history (venue, market, symbol, seen_us, base, quote, contract_size, state, listed_us)
     VALUES (@venue, @market, @symbol, @seenUs, @base, @quote, @contractSize, @state, @listedUs) ON CONFLICT DO NOTHING`,
  );
  const seen = database.prepare(
    'UPDATE instrument SET last_seen_us = max(last_seen_us, ?) WHERE venue = ? AND market = ?',
  );
  return {
    put: database.transaction((instruments: readonly Instrument[], seenUs: Us): Instrument[] => {
      const first = instruments[0];
      if (!first) return [];
      const before = new Map(known.all(first.venue, first.market).map((row) => [row.symbol, instrumentOf(row)]));
      const fresh: Instrument[] = [];
      seen.run(seenUs, first.venue, first.market);
      for (const instrument of instruments) {
        const old = before.get(instrument.symbol);
        if (
          old &&
          old.base === instrument.base &&
          old.quote === instrument.quote &&
          old.contractSize === instrument.contractSize &&
          old.state === instrument.state &&
          old.listedUs === instrument.listedUs
        ) {
          continue;
        }
        upsert.run({ ...instrument, seenUs });
        history.run({ ...instrument, seenUs });
        if (!old && before.size > 0) fresh.push(instrument);
      }
      return fresh;
    }),
    list: (filter = {}) => {
      const where: string[] = [];
      const values: string[] = [];
      for (const [name, column] of [
        ['venue', 'venue'],
        ['market', 'market'],
        ['coin', 'base'],
        ['symbol', 'symbol'],
      ] as const) {
        const value = filter[name];
        if (value === undefined) continue;
        where.push(`${column} = ?`);
        values.push(name === 'coin' ? value.toUpperCase() : value);
      }
      return database
        .prepare<unknown[], InstrumentRow & { firstSeenUs: Us }>(
          `SELECT ${columns}, first_seen_us AS firstSeenUs FROM instrument ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''} ORDER BY venue, market, symbol`,
        )
        .all(...values)
        .map((row) => ({ ...instrumentOf(row), firstSeenUs: row.firstSeenUs }));
    },
  };
}

function listingOf(row: ListingRow): Listing {
  const quotes: unknown = JSON.parse(row.quotes);
  return {
    id: row.id,
    coin: row.coin,
    source: row.source,
    venue: row.venue,
    title: row.title,
    url: row.url,
    publishedUs: row.published_us,
    detectedUs: row.detected_us,
    quotes: Array.isArray(quotes) ? quotes.filter((quote): quote is string => typeof quote === 'string') : [],
  };
}

export function openListings(database: Database.Database): Listings {
  const get = database.prepare<[string], ListingRow>('SELECT * FROM listing WHERE id = ?');
  const list = database.prepare<[number], ListingRow>('SELECT * FROM listing ORDER BY published_us DESC, id LIMIT ?');
  const upsert = database.prepare(
    `INSERT INTO listing (id, coin, source, venue, title, url, published_us, detected_us, quotes)
     VALUES (@id, @coin, @source, @venue, @title, @url, @publishedUs, @detectedUs, @quotes)
     ON CONFLICT DO UPDATE SET title = excluded.title, url = excluded.url, quotes = excluded.quotes, detected_us = min(detected_us, excluded.detected_us)`,
  );
  const seen = database.prepare(
    'INSERT INTO notice_seen (venue, id, title, first_seen_us, last_seen_us) VALUES (@venue, @id, @title, @seenUs, @seenUs) ON CONFLICT DO NOTHING',
  );
  return {
    put: database.transaction((listing: Listing): boolean => {
      const old = get.get(listing.id);
      upsert.run({ ...listing, quotes: JSON.stringify(listing.quotes) });
      return !old;
    }),
    get: (id) => {
      const row = get.get(id);
      return row && listingOf(row);
    },
    list: (limit) => list.all(limit).map(listingOf),
    seen: (notice, seenUs) => seen.run({ ...notice, seenUs }).changes > 0,
  };
}
