// Numbers of streams: given out once, durable before the first tick that uses them, never reused.
import type Database from 'better-sqlite3';
import type { Us } from '../../../../src-shared/base/time.ts';
import type { Market, Venue } from '../../../../src-shared/market/instrument.ts';

export interface StreamKey {
  readonly venue: Venue;
  readonly market: Market;
  readonly symbol: string;
  readonly channel: string;
}

export interface Stream extends StreamKey {
  readonly no: number;
}

export interface Streams {
  all(): Stream[];
  find(filter: Partial<StreamKey>): Stream[];
  /** Writes numbers that the pipeline has given out. A number that means another stream throws: that is corruption. */
  put(streams: readonly Stream[], createdUs: Us): void;
  /** How often this process has written. */
  written(): number;
}

export function openStreams(database: Database.Database): Streams {
  const insert = database.prepare(
    'INSERT INTO stream (no, venue, market, symbol, channel, created_us) VALUES (@no, @venue, @market, @symbol, @channel, @createdUs) ON CONFLICT DO NOTHING',
  );
  const byNumber = database.prepare<[number], Stream>(
    'SELECT no, venue, market, symbol, channel FROM stream WHERE no = ?',
  );
  const all = database.prepare<[], Stream>('SELECT no, venue, market, symbol, channel FROM stream ORDER BY no');
  let written = 0;
  return {
    written: () => written,
    all: () => all.all(),
    find: (filter) =>
      all
        .all()
        .filter(
          (stream) =>
            (filter.venue === undefined || stream.venue === filter.venue) &&
            (filter.market === undefined || stream.market === filter.market) &&
            (filter.symbol === undefined || stream.symbol === filter.symbol) &&
            (filter.channel === undefined || stream.channel === filter.channel),
        ),
    put: database.transaction((streams: readonly Stream[], createdUs: Us) => {
      written += 1;
      for (const stream of streams) {
        insert.run({ ...stream, createdUs });
        const kept = byNumber.get(stream.no);
        if (
          kept?.venue !== stream.venue ||
          kept.market !== stream.market ||
          kept.symbol !== stream.symbol ||
          kept.channel !== stream.channel
        ) {
          throw new Error(
            `stream ${stream.no} is ${kept ? `${kept.venue} ${kept.market} ${kept.symbol} ${kept.channel}` : 'missing'} in the catalog, not ${stream.venue} ${stream.market} ${stream.symbol} ${stream.channel}`,
          );
        }
      }
    }),
  };
}
