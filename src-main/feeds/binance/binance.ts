// Binance spot (`@trade`) and USDⓈ-M perpetuals (`@aggTrade`): two feeds over one protocol.
import type { Market } from '../../../src-shared/market/instrument.ts';
import type { Candles, Feed, FeedLimits } from '../feed.ts';
import { restTrouble } from '../rest-trouble.ts';
import { binanceCandles } from './candles.ts';
import { binanceDecoder } from './decode.ts';
import { type BinanceRest, binanceHistory } from './history.ts';
import { parseExchangeInfo } from './instruments.ts';
import { classifyBinance, subscribeBinance } from './stream.ts';

interface Setup {
  readonly market: Market;
  readonly channel: string;
  readonly ws: string;
  readonly wsPath: string;
  readonly rest: string;
  readonly api: BinanceRest;
  readonly candles: Candles;
  readonly exchangeInfo: string;
  readonly exchangeInfoWeight: number;
  readonly limits: FeedLimits;
}

const HOUR_MS = 3_600_000;

function binanceFeed(setup: Setup): Feed {
  const decoder = binanceDecoder();
  return {
    venue: 'binance',
    market: setup.market,
    channel: setup.channel,
    idRule: 'contiguous',
    latenessUs: 5_000_000,
    defaults: { ws: setup.ws, rest: setup.rest },
    limits: setup.limits,
    connectUrl: (endpoint) => `${endpoint.replace(/\/+$/, '')}${setup.wsPath}`,
    subscribe: (wanted, subscribed, nextKey) =>
      subscribeBinance(setup.channel, setup.limits.symbolsPerRequest, wanted, subscribed, nextKey),
    classify: (frame) => classifyBinance(frame),
    symbolOf: decoder.symbolOf,
    decode: decoder.decode,
    decodeAt: decoder.decodeAt,
    instruments: {
      request: () => ({
        method: 'GET',
        path: setup.exchangeInfo,
        headers: {},
        weight: setup.exchangeInfoWeight,
      }),
      parse: (body) => parseExchangeInfo(setup.market, body),
      everyMs: 60_000,
    },
    history: binanceHistory(setup.api),
    candles: setup.candles,
    restTrouble: (status, headers, body) =>
      restTrouble(
        {
          venue: 'binance',
          limitedMs: 60_000,
          // 418: banned after ignoring 429, 2 minutes to 3 days; 403: the web firewall (rest-api.md, "HTTP Return Codes").
          banned: [418, 403],
          bannedMs: 120_000,
          serverErrorMs: 2_000,
        },
        status,
        headers,
        body,
      ),
  };
}

/** Spot: server ping each 20 s, 24 h, 1024 streams, 5 messages/s in (one is kept for pongs), 300 connects in 5 minutes. */
export const binanceSpot: Feed = binanceFeed({
  market: 'spot',
  channel: 'trade',
  ws: 'wss://stream.binance.com:9443',
  wsPath: '/stream',
  rest: 'https://api.binance.com',
  api: { prefix: '/api/v3', reachMs: Number.POSITIVE_INFINITY, aggWeight: 4, tradesWeight: 25 },
  candles: binanceCandles('/api/v3', 1000, true),
  // Without the permission sets, which are most of the reply (rest-api.md, showPermissionSets).
  exchangeInfo: '/api/v3/exchangeInfo?showPermissionSets=false',
  exchangeInfoWeight: 20,
  limits: {
    streamsPerConnection: 1024,
    symbolsPerRequest: 100,
    // Evenly, not five at once: the venue counts when they arrive, and a delay on the way would lay two seconds' messages together.
    outgoing: { count: 1, perMs: 300 },
    connects: { count: 300, perMs: 300_000 },
    maxAgeMs: 24 * HOUR_MS,
    heartbeat: null,
    deadAfterMs: 50_000,
    pingWhenSilentMs: 5_000,
    rest: { weight: 3000, perMs: 60_000 },
  },
});

/** USDⓈ-M: aggTrade is served on the routed `/market` path only; server ping each 3 minutes; 200 streams (pages disagree: 200 or 1024). */
export const binancePerp: Feed = binanceFeed({
  market: 'perp',
  channel: 'aggTrade',
  ws: 'wss://fstream.binance.com',
  wsPath: '/market/stream',
  rest: 'https://fapi.binance.com',
  api: { prefix: '/fapi/v1', reachMs: 365 * 24 * HOUR_MS, aggWeight: 20, tradesWeight: 20 },
  // An aggregate stands for several trades: the venue's count is not of our rows.
  candles: binanceCandles('/fapi/v1', 499, false),
  exchangeInfo: '/fapi/v1/exchangeInfo',
  exchangeInfoWeight: 1,
  limits: {
    streamsPerConnection: 200,
    symbolsPerRequest: 100,
    outgoing: { count: 1, perMs: 150 },
    connects: { count: 300, perMs: 300_000 },
    maxAgeMs: 24 * HOUR_MS,
    heartbeat: null,
    deadAfterMs: 60_000,
    pingWhenSilentMs: 5_000,
    rest: { weight: 1200, perMs: 60_000 },
  },
});
