// Bybit v5 spot and linear (market `perp`): two feeds over one protocol. Ids are keys but prove nothing, and REST knows only the newest trades.
import type { Market } from '../../../src-shared/market/instrument.ts';
import type { Feed } from '../feed.ts';
import { restTrouble } from '../rest-trouble.ts';
import { bybitCandles } from './candles.ts';
import { bybitDecoder } from './decode.ts';
import { TOPIC } from './general.ts';
import { bybitHistory } from './history.ts';
import { instrumentsRequest, nextInstruments, parseInstruments } from './instruments.ts';
import { type Category, statusIn } from './rest.ts';
import { classifyBybit, subscribeBybit } from './stream.ts';

function bybitFeed(market: Market, category: Category, symbolsPerRequest: number): Feed {
  const decoder = bybitDecoder();
  return {
    venue: 'bybit',
    market,
    channel: 'trade',
    idRule: 'unique',
    latenessUs: 5_000_000,
    defaults: { ws: 'wss://stream.bybit.com', rest: 'https://api.bybit.com' },
    limits: {
      // No number of streams is documented, only that of their characters.
      streamsPerConnection: 500,
      symbolsPerRequest,
      // "length of args array" 21,000: its quotes and commas are counted too, to be on the safe side.
      argumentChars: { most: 21_000, of: (symbol) => TOPIC.length + symbol.length + 3 },
      // Not documented.
      outgoing: { count: 10, perMs: 1000 },
      // 500 in 5 minutes for both markets together, which share the host.
      connects: { count: 200, perMs: 300_000 },
      maxAgeMs: null,
      heartbeat: { text: '{"op":"ping"}', everyMs: 20_000 },
      deadAfterMs: 45_000,
      pingWhenSilentMs: 5_000,
      // 600 in 5 s for one address, both markets together (they share the host, and so this budget); over it comes a ban of 10 minutes.
      rest: { weight: 400, perMs: 5_000 },
    },
    connectUrl: (endpoint) => `${endpoint.replace(/\/+$/, '')}/v5/public/${category}`,
    subscribe: (wanted, subscribed, nextKey) => subscribeBybit(symbolsPerRequest, wanted, subscribed, nextKey),
    classify: (frame) => classifyBybit(frame),
    symbolOf: decoder.symbolOf,
    decode: decoder.decode,
    decodeAt: decoder.decodeAt,
    instruments: {
      request: () => instrumentsRequest(category),
      parse: (body) => parseInstruments(category, body),
      everyMs: 60_000,
      next: (body) => nextInstruments(category, body),
    },
    history: bybitHistory(category),
    candles: bybitCandles(category),
    statusIn,
    restTrouble: (status, headers, body) =>
      restTrouble(
        {
          venue: 'bybit',
          limitedMs: 5_000,
          // rate-limit.mdx: "403, access too frequent": stay away for at least 10 minutes.
          banned: [403, 418],
          bannedMs: 600_000,
          serverErrorMs: 2_000,
        },
        status,
        headers,
        body,
      ),
  };
}

/** Spot: at most 10 args in a request. */
export const bybitSpot: Feed = bybitFeed('spot', 'spot', 10);

/** Linear has no limit of args; a request is kept short because one bad topic fails all of it. */
export const bybitPerp: Feed = bybitFeed('perp', 'linear', 100);
