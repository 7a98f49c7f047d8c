// Phemex spot and USDT perpetuals: two feeds over one protocol. Trades have no id: they are a multiset of (ns, side, price, quantity).
import type { Market } from '../../../src-shared/market/instrument.ts';
import type { Candles, Feed } from '../feed.ts';
import { restTrouble } from '../rest-trouble.ts';
import { perpCandles } from './candles.ts';
import { phemexDecoder } from './decode.ts';
import { phemexHistory } from './history.ts';
import { parsePerpProducts, parseSpotProducts, parseTurnover } from './instruments.ts';
import { DECIMAL_CHANNEL, SCALED_CHANNEL } from './row.ts';
import { classifyPhemex, isPhemexSnapshot, PING, subscribePhemex } from './stream.ts';

interface Setup {
  readonly market: Market;
  readonly channel: string;
  readonly tickers: string;
  readonly parse: Feed['instruments']['parse'];
  readonly candles: Candles | null;
}

function phemexFeed(setup: Setup): Feed {
  const decoder = phemexDecoder();
  return {
    venue: 'phemex',
    market: setup.market,
    channel: setup.channel,
    idRule: 'multiset',
    // dts, mts and sequence of every message.
    framesDiffer: true,
    // On subscribe: the last 200 trades by the documentation, 1000 in recordings.
    snapshotFirst: true,
    latenessUs: 5_000_000,
    defaults: { ws: 'wss://ws.phemex.com', rest: 'https://api.phemex.com' },
    limits: {
      // 20 subscriptions a connection, 5 connections a client (taken as: an address), 20 requests a second (API docs, "API Rate Limits").
      streamsPerConnection: 20,
      symbolsPerRequest: 1,
      connectionsPerAddress: 5,
      outgoing: { count: 16, perMs: 1000 },
      // None is documented; this many open all connections of an address at once.
      connects: { count: 5, perMs: 10_000 },
      maxAgeMs: null,
      // A ping at least each 30 s, 5 s advised, and reconnect after three that were not answered ("Session Management").
      heartbeat: { text: PING, everyMs: 5_000 },
      deadAfterMs: 16_000,
      // 100 requests a minute in the group of everything but orders; an address has 5000 in 5 minutes.
      rest: { weight: 90, perMs: 60_000 },
    },
    connectUrl: (endpoint) => `${endpoint.replace(/\/+$/, '')}/`,
    subscribe: (wanted, subscribed, nextKey) => subscribePhemex(setup.channel, wanted, subscribed, nextKey),
    classify: (frame) => classifyPhemex(frame),
    symbolOf: decoder.symbolOf,
    isSnapshot: (frame) => isPhemexSnapshot(frame),
    decode: decoder.decode,
    decodeAt: decoder.decodeAt,
    instruments: {
      request: () => ({ method: 'GET', path: '/public/products', headers: {}, weight: 1 }),
      parse: setup.parse,
      everyMs: 30_000,
      turnover: {
        request: () => ({ method: 'GET', path: setup.tickers, headers: {}, weight: 1 }),
        parse: parseTurnover,
      },
    },
    history: phemexHistory,
    candles: setup.candles,
    restTrouble: (status, headers, body) =>
      restTrouble(
        // An address over its limit is shut out for 5 minutes (Generic-API-Info, "IP Ratelimit").
        { venue: 'phemex', limitedMs: 60_000, banned: [403, 418], bannedMs: 300_000, serverErrorMs: 2_000 },
        status,
        withRetryAfter(headers),
        body,
      ),
  };
}

/** The venue says how long to stay away per group of requests: x-ratelimit-retry-after-<group>, seconds. */
function withRetryAfter(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (Object.keys(headers).some((name) => name.toLowerCase() === 'retry-after')) return headers;
  const own = Object.keys(headers).find((name) => name.toLowerCase().startsWith('x-ratelimit-retry-after'));
  return own === undefined ? headers : { ...headers, 'retry-after': headers[own] ?? '' };
}

/** Candles: the documents give a span of time for contracts only, so spot minutes are not compared. */
export const phemexSpot: Feed = phemexFeed({
  market: 'spot',
  channel: SCALED_CHANNEL,
  tickers: '/md/spot/ticker/24hr/all',
  parse: parseSpotProducts,
  candles: null,
});

/** USDT perpetuals; quantity and candle volume are in coins. */
export const phemexPerp: Feed = phemexFeed({
  market: 'perp',
  channel: DECIMAL_CHANNEL,
  tickers: '/md/v2/ticker/24hr/all',
  parse: parsePerpProducts,
  candles: perpCandles,
});
