// What the venues list: instruments and every change of them. Promises: a list is applied once, in the journal's order, whatever is replayed;
// only a whole list says that something is no longer there.
import type Database from 'better-sqlite3';
import type { Us } from '../../../../src-shared/base/time.ts';
import type { Instrument } from '../../../../src-shared/market/instrument.ts';

interface InstrumentRow extends Omit<Instrument, 'contractSize' | 'listedUs'> {
  contract_size: string | null;
  listed_us: number | null;
}

export interface SeenInstrument extends Instrument {
  readonly firstSeenUs: Us;
  /** The newest whole list in which it did not trade yet; null: it traded in the first that was read. */
  readonly absentUs: Us | null;
  /** When a whole list first said that it is over, or no longer held it; null: it is not. */
  readonly endedUs: Us | null;
}

/** What an instrument was from a time on. */
export interface InstrumentChange extends Instrument {
  readonly seenUs: Us;
}

/** Which list a page belongs to; see InstrumentList. */
export interface ListPlace {
  readonly frame: number;
  readonly whole: readonly string[] | null;
  readonly beforeUs: Us | null;
}

export interface InstrumentFilter {
  readonly venue?: string | undefined;
  readonly market?: string | undefined;
  readonly coin?: string | undefined;
  readonly symbol?: string | undefined;
}

export interface Instruments {
  /**
   * A venue's list of one market, or a page of it, as seen at a time. Gives those never seen before, and those that were seen only held back
   * and are so no longer; none when no whole list was read before this one. Without a place the list counts as whole, and nothing ends.
   */
  put(instruments: readonly Instrument[], seenUs: Us, place?: ListPlace): Instrument[];
  list(filter?: InstrumentFilter): SeenInstrument[];
  /** First sight and every change, oldest first. */
  history(filter: InstrumentFilter): InstrumentChange[];
  /** Those whose contract size ever changed, each with when a list first said the size that it has now. */
  resized(): { venue: string; market: string; symbol: string; seenUs: Us }[];
  /** When the newest whole list of a market was written; null: never. */
  wholeUs(venue: string, market: string): Us | null;
  /** How many instruments this process has written. */
  written(): number;
}

function instrumentOf<R extends InstrumentRow>({ contract_size: contractSize, listed_us: listedUs, ...row }: R) {
  return { ...row, contractSize, listedUs };
}

function isSame(a: Instrument, b: Instrument): boolean {
  return (
    a.base === b.base &&
    a.quote === b.quote &&
    a.contractSize === b.contractSize &&
    a.state === b.state &&
    a.listedUs === b.listedUs
  );
}

export function openInstruments(database: Database.Database): Instruments {
  const columns = 'venue, market, symbol, base, quote, contract_size, state, listed_us';
  const known = database.prepare<[string, string], InstrumentRow & { absentUs: Us | null }>(
    `SELECT ${columns}, absent_us AS absentUs FROM instrument WHERE venue = ? AND market = ?`,
  );
  const upsert = database.prepare(
    `INSERT INTO instrument (${columns}, first_seen_us, last_seen_us, absent_us) VALUES (@venue, @market, @symbol, @base, @quote, @contractSize, @state, @listedUs, @seenUs, @seenUs, @absentUs)
     ON CONFLICT DO UPDATE SET base = excluded.base, quote = excluded.quote, contract_size = excluded.contract_size, state = excluded.state,
       listed_us = excluded.listed_us, last_seen_us = max(last_seen_us, excluded.last_seen_us), absent_us = coalesce(excluded.absent_us, absent_us)`,
  );
  const change = database.prepare(
    `INSERT INTO instrument_history (venue, market, symbol, seen_us, base, quote, contract_size, state, listed_us)
     VALUES (@venue, @market, @symbol, @seenUs, @base, @quote, @contractSize, @state, @listedUs) ON CONFLICT DO NOTHING`,
  );
  const everOpen = database.prepare<[string, string, string], { one: number }>(
    `SELECT 1 AS one FROM instrument_history WHERE venue = ? AND market = ? AND symbol = ? AND state IN ('trading', 'pre-launch', 'unknown') LIMIT 1`,
  );
  const seen = database.prepare(
    "UPDATE instrument SET last_seen_us = max(last_seen_us, ?) WHERE venue = ? AND market = ? AND state <> 'ended'",
  );
  const listRead = database.prepare<[string, string], { frame: number; whole_us: number | null }>(
    'SELECT frame, whole_us FROM instrument_list WHERE venue = ? AND market = ?',
  );
  const resized = database.prepare<[], { venue: string; market: string; symbol: string; seenUs: Us }>(
    // Those with one size alone, which are nearly all, are left out first.
    `SELECT venue, market, symbol, max(seen_us) AS seenUs FROM
       (SELECT venue, market, symbol, seen_us, contract_size, lag(contract_size) OVER w AS old_size FROM instrument_history
        JOIN (SELECT venue, market, symbol FROM instrument_history GROUP BY venue, market, symbol HAVING count(DISTINCT contract_size) > 1)
        USING (venue, market, symbol) WHERE contract_size IS NOT NULL
        WINDOW w AS (PARTITION BY venue, market, symbol ORDER BY seen_us))
     WHERE old_size IS NOT NULL AND contract_size <> old_size GROUP BY venue, market, symbol`,
  );
  const markRead = database.prepare(
    `INSERT INTO instrument_list (venue, market, frame, whole_us) VALUES (@venue, @market, @frame, @wholeUs)
     ON CONFLICT DO UPDATE SET frame = excluded.frame, whole_us = coalesce(excluded.whole_us, whole_us)`,
  );
  let written = 0;
  const write = (instrument: Instrument, seenUs: Us, absentUs: Us | null): void => {
    written += 1;
    upsert.run({ ...instrument, seenUs, absentUs });
    change.run({ ...instrument, seenUs });
  };
  return {
    put: database.transaction((instruments: readonly Instrument[], seenUs: Us, place?: ListPlace): Instrument[] => {
      const first = instruments[0];
      if (!first) return [];
      const { venue, market } = first;
      const read = listRead.get(venue, market);
      if (place) {
        if (read && read.frame >= place.frame) return [];
        markRead.run({ venue, market, frame: place.frame, wholeUs: place.whole === null ? null : seenUs });
      }
      const before = new Map(known.all(venue, market).map((row) => [row.symbol, instrumentOf(row)]));
      const beforeUs = place ? place.beforeUs : before.size > 0 ? seenUs : null;
      const fresh: Instrument[] = [];
      if (!place || place.whole !== null) seen.run(seenUs, venue, market);
      for (const instrument of instruments) {
        const old = before.get(instrument.symbol);
        if (old && isSame(old, instrument)) continue;
        // It appeared after the first list, held back, and was never let go until now.
        const wasHeld =
          old?.state === 'halted' &&
          old.absentUs !== null &&
          instrument.state !== 'halted' &&
          !everOpen.get(venue, market, instrument.symbol);
        const opens = !old || wasHeld || (old.state === 'pre-launch' && instrument.state !== 'pre-launch');
        write(instrument, seenUs, opens && place ? beforeUs : null);
        if ((!old || wasHeld) && beforeUs !== null) fresh.push(instrument);
      }
      if (place?.whole) {
        const there = new Set(place.whole);
        for (const old of before.values()) {
          if (!there.has(old.symbol) && old.state !== 'ended') write({ ...old, state: 'ended' }, seenUs, null);
        }
      }
      return fresh;
    }),
    list: (filter = {}) => {
      const { where, values } = whereOf(filter);
      return database
        .prepare<unknown[], InstrumentRow & { firstSeenUs: Us; absentUs: Us | null; endedUs: Us | null }>(
          `SELECT ${columns}, first_seen_us AS firstSeenUs, absent_us AS absentUs, CASE WHEN state = 'ended' THEN (SELECT max(seen_us)
             FROM instrument_history h WHERE h.venue = instrument.venue AND h.market = instrument.market AND h.symbol = instrument.symbol) END AS endedUs
           FROM instrument ${where} ORDER BY venue, market, symbol`,
        )
        .all(...values)
        .map(instrumentOf);
    },
    history: (filter) => {
      const { where, values } = whereOf(filter);
      return database
        .prepare<unknown[], InstrumentRow & { seenUs: Us }>(
          `SELECT ${columns}, seen_us AS seenUs FROM instrument_history ${where} ORDER BY seen_us, venue, market, symbol`,
        )
        .all(...values)
        .map(instrumentOf);
    },
    resized: () => resized.all(),
    written: () => written,
    wholeUs: (venue, market) => listRead.get(venue, market)?.whole_us ?? null,
  };
}

function whereOf(filter: InstrumentFilter): { where: string; values: string[] } {
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
  return { where: where.length > 0 ? `WHERE ${where.join(' AND ')}` : '', values };
}
