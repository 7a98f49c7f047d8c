// OKX spot and perpetual swaps, both by the channel `trades-all`: one row a trade, ids +1 per instrument.
import type { Market } from '../../../src-shared/market/instrument.ts';
import type { Feed } from '../feed.ts';
import { restTrouble } from '../rest-trouble.ts';
import { okxDecoder } from './decode.ts';
import { SINGLES } from './general.ts';
import { okxHistory } from './history.ts';
import { okxCandles, parseInstruments } from './lists.ts';
import { argumentOf, classifyOkx, subscribeOkx } from './stream.ts';

/** Symbols of one request: few requests, because they are counted by the hour. */
const PER_REQUEST = 200;

/**
 * trades-all is served on the business URL. 3 connects a second and address; 480 subscriptions an hour and connection, of which a
 * heartbeat is none but takes its share of what we allow ourselves; cut when nothing is sent or pushed for 30 s; arguments of 64 KB.
 */
function okxFeed(market: Market, instType: 'SPOT' | 'SWAP'): Feed {
  const decoder = okxDecoder();
  return {
    venue: 'okx',
    market,
    channel: SINGLES,
    // Observed, the guide does not promise it (feeds.md section 4): a jump that the history shows too is the venue's own.
    idRule: 'contiguous',
    latenessUs: 5_000_000,
    defaults: { ws: 'wss://ws.okx.com:8443', rest: 'https://www.okx.com' },
    limits: {
      // No number is documented; so many instruments keep the arguments far below 64 KB.
      streamsPerConnection: 400,
      symbolsPerRequest: PER_REQUEST,
      argumentChars: { most: 60_000, of: (symbol) => argumentOf(symbol).length + 1 },
      // 480 an hour with the heartbeats in it, and room for a start's requests at once.
      outgoing: { count: 8, perMs: 60_000 },
      connects: { count: 1, perMs: 500 },
      maxAgeMs: null,
      heartbeat: { text: 'ping', everyMs: 20_000 },
      deadAfterMs: 50_000,
      // The text heartbeat alone would leave a dead connection unnoticed for too long.
      pingWhenSilentMs: 5_000,
      // 20 requests in 2 s of each kind, and 100 of the newest trades.
      rest: { weight: 18, perMs: 2000 },
    },
    connectUrl: (endpoint) => `${endpoint.replace(/\/+$/, '')}/ws/v5/business`,
    subscribe: (wanted, subscribed, nextKey) => subscribeOkx(PER_REQUEST, wanted, subscribed, nextKey),
    classify: (frame) => classifyOkx(frame),
    symbolOf: decoder.symbolOf,
    decode: decoder.decode,
    decodeAt: decoder.decodeAt,
    instruments: {
      request: () => ({
        method: 'GET',
        path: `/api/v5/public/instruments?instType=${instType}`,
        headers: {},
        weight: 1,
      }),
      parse: (body) => parseInstruments(market, body),
      everyMs: 30_000,
    },
    history: okxHistory,
    candles: okxCandles,
    restTrouble: (status, headers, body) =>
      restTrouble(
        { venue: 'okx', limitedMs: 2_000, banned: [403, 418], bannedMs: 60_000, serverErrorMs: 2_000 },
        status,
        headers,
        body,
      ),
  };
}

export const okxSpot: Feed = okxFeed('spot', 'SPOT');
export const okxPerp: Feed = okxFeed('perp', 'SWAP');
